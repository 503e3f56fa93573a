import type { SandboxEvent } from './model.ts'

/** JSON without what a terminal may take for a command (JSON itself escapes only the first 32). Still JSON. */
export function terminalSafeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** One line, in which what a server chose is escaped: `the system call mount: refused 3 times: why; no line …`. */
export function eventInWords(event: SandboxEvent): string {
  const { allow } = event
  return `${happened(event)}; ${allow === null ? 'no line of the policy allows it' : `to allow it: ${allow}`}`
}

function happened({ type, what, why, count }: SandboxEvent): string {
  switch (type) {
    case 'sandbox.call-refused':
      return `${what}: refused${count === 1 ? '' : ` ${count} times`}: ${why}`
    case 'sandbox.access-refused':
      return `explain: ${what} will be refused: ${why}`
    default:
      return `${what}: ${why}`
  }
}
