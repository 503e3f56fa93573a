import type { SandboxEvent } from './model.ts'

/** One line, in which what a server chose is escaped: `mount: refused 3 times: why; no line of the policy allows it`. */
export function eventInWords({ type, what, why, allow, count }: SandboxEvent): string {
  const times = count === 1 ? '' : ` ${count} times`
  const verb = type === 'sandbox.access-refused' ? 'will be refused' : 'refused'
  const outcome = type === 'sandbox.call-refused' || type === 'sandbox.access-refused' ? `${verb}${times}: ${why}` : why
  return `${what}: ${outcome}; ${allow === null ? 'no line of the policy allows it' : `to allow it: ${allow}`}`
}
