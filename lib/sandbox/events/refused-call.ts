import type { RefusedCall } from '../../native/index.ts'
import type { CallRefused } from './model.ts'

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
    number,
    pid,
    arguments: rest.arguments,
  }
}
