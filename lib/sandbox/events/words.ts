import type { Strength, Verdict } from '../../policy/model.ts'
import type { Proof } from '../model.ts'
import type { EgressRefused, Refusal, SandboxEvent, TrafficTold } from './model.ts'

/** Text in which nothing is left that a terminal takes for a command, line breaks included: names of files are a stranger's words. */
export function terminalSafe(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same, line by line: for words of our own that span several. */
export function terminalSafeLines(text: string): string {
  return text.split('\n').map(terminalSafe).join('\n')
}

/** JSON without what a terminal may take for a command (JSON itself escapes only the first 32). Still JSON. */
export function terminalSafeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** One line, in which what a server chose is escaped: `the system call mount: refused 3 times: why; no line …`. */
export function eventInWords(event: SandboxEvent): string {
  if (event.type === 'sandbox.start') return `started: ${heldInWords(event.verdicts)}; ${proofInWords(event.proof)}`
  if (event.type === 'sandbox.egress-refused') return triedInWords(event)
  if (event.type === 'sandbox.traffic') return passedInWords(event)
  const { allow } = event
  return `${happened(event)}; ${allow === null ? 'no line of the policy allows it' : `to allow it: ${allow}`}`
}

/** `tried example.org:443 and was refused: why; add "example.org:443" to … to allow it`. */
function triedInWords({ destination, way, why, allow, count }: EgressRefused): string {
  const tried = `tried ${way === 'dns' ? 'to look up ' : ''}${destination}${count === 1 ? '' : ` ${count} times`}`
  return `${tried} and was refused: ${why}; ${allow === null ? 'no line of the policy allows it' : `${allow} to allow it`}`
}

function passedInWords({ uploadBytes, downloadBytes, connections }: TrafficTold): string {
  const over = connections === 1 ? 'one connection' : `${connections} connections`
  return `sent ${uploadBytes} bytes and got ${downloadBytes} bytes over ${over}`
}

/** `proved from inside: 15 forbidden acts were refused`. */
export function proofInWords(proof: Proof | null): string {
  const acts = Object.keys(proof?.refused ?? {}).length
  return acts === 0 ? 'nothing is proved from inside' : `proved from inside: ${acts} forbidden acts were refused`
}

/** Guarantees by strength: `full: fs-read, fs-write; partial: memory; none: cpu`. */
function heldInWords(verdicts: readonly Verdict[]): string {
  const strengths: readonly Strength[] = ['full', 'partial', 'none']
  return strengths
    .map((each) => ({ each, of: verdicts.filter(({ strength }) => strength === each) }))
    .filter(({ of }) => of.length > 0)
    .map(({ each, of }) => `${each}: ${of.map(({ guarantee }) => guarantee).join(', ')}`)
    .join('; ')
}

function happened({ type, what, why, count }: Exclude<Refusal, EgressRefused | TrafficTold>): string {
  switch (type) {
    case 'sandbox.call-refused':
      return `${what}: refused${count === 1 ? '' : ` ${count} times`}: ${why}`
    case 'sandbox.access-refused':
      return `explain: ${what} will be refused: ${why}`
    default:
      return `${what}: ${why}`
  }
}
