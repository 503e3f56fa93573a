import type { RefusedCall } from '../../native/index.ts'
import type { CallRefused } from './model.ts'

/** libnuma, as soon as it is loaded. */
const routine: ReadonlySet<string> = new Set(['get_mempolicy'])

/** The filter is one for all policies: no line of one changes what it answers. */
export function refusedCall(server: string, { call, why, number, pid, count, ...rest }: RefusedCall): CallRefused {
  return {
    type: 'sandbox.call-refused',
    server,
    what: `the system call ${call === '?' ? number : call}`,
    why,
    allow: null,
    count,
    call,
    routine: routine.has(call),
    number,
    pid,
    arguments: rest.arguments,
  }
}
