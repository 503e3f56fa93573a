/** Reads what the launcher reports over its status pipe, and what the supervisor tells over another; `native/core/status.h` is the other side. */
import { errnoName } from './names.ts'

/** One record. A `failure` is the last word: an `exit` that follows it is the launcher's own. */
export type StatusRecord =
  /** In a file of its own: about to do something that may hang (`open`, a path). Named when the deadline passes. */
  | { readonly kind: 'progress'; readonly step: string; readonly detail: string }
  /** Nothing was executed: this step failed. `errno` is a name, `ENOENT`. */
  | { readonly kind: 'failure'; readonly step: string; readonly errno: string; readonly detail: string }
  /** The self-check passed and the server is being executed; a failing exec still follows as `failure`. */
  | { readonly kind: 'ready'; readonly facts: Readonly<Record<string, string>> }
  /** Something is weaker than planned. */
  | { readonly kind: 'note'; readonly errno: string; readonly text: string }
  /** The sandbox's pid 1 ends the server for this limit, which it watches: a name of the configuration. */
  | { readonly kind: 'limit'; readonly limit: string }
  /** From the supervisor: sockets that listen in the server's network namespace, open in this process and now the reader's. */
  | { readonly kind: 'listeners'; readonly descriptors: readonly number[] }
  /** The server ended: `code`, or the number of the signal that ended it. */
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: number | null }
  /** From the supervisor: a system call that was refused with EPERM, `count` times since it was last told. */
  | ({ readonly kind: 'refusal' } & RefusedCall)
  /** From the supervisor, for diagnosis: about to be made, as seen in the memory of a process that may change it. */
  | ({ readonly kind: 'access' } & SeenAccess)

export interface RefusedCall {
  /** `mount`; `?` for a number that has no name. */
  readonly call: string
  /** As the filter's policy has it. */
  readonly why: string
  readonly number: number
  /** In the gateway's own pid namespace. */
  readonly pid: number
  readonly count: number
  /** Six registers of the first of these calls, unsigned, in decimal. */
  readonly arguments: readonly string[]
}

export interface SeenAccess {
  readonly pid: number
  readonly call: string
  readonly intent: 'read' | 'write' | 'execute'
  /** Absolute; not normalised. */
  readonly path: string
}

const headerBytes = 8
const kinds = ['progress', 'failure', 'ready', 'note', 'exit', 'refusal', 'access', 'limit', 'listeners'] as const

/**
 * Makes a decoder: feed it chunks as they come, get the records that they complete. Buffers at most one record (64 KiB).
 * A kind that it does not know is passed over.
 */
export function decodeStatus(): (chunk: Uint8Array) => StatusRecord[] {
  let pending: Buffer = Buffer.alloc(0)
  return (chunk) => {
    pending = Buffer.concat([pending, chunk])
    const records: StatusRecord[] = []
    let start = 0
    while (pending.length - start >= headerBytes) {
      const end = start + headerBytes + pending.readUInt16LE(start + 2)
      if (pending.length < end) break
      const record = decodeRecord(pending.subarray(start, end))
      if (record !== null) records.push(record)
      start = end
    }
    pending = pending.subarray(start)
    return records
  }
}

function decodeRecord(bytes: Buffer): StatusRecord | null {
  const kind = kinds[bytes.readUInt8(0) - 1]
  const value = bytes.readInt32LE(4)
  const text = bytes.toString('utf8', headerBytes)
  switch (kind) {
    case 'progress':
      return { kind, ...splitStep(text) }
    case 'failure':
      return { kind, ...splitStep(text), errno: errnoName(value) }
    case 'ready':
      return { kind, facts: parseFacts(text) }
    case 'note':
      return { kind, errno: errnoName(value), text }
    case 'exit':
      return value < 0 ? { kind, code: null, signal: -value } : { kind, code: value, signal: null }
    case 'refusal':
      return { kind, ...refusedCall(parseFacts(text)) }
    case 'limit':
      return { kind, limit: text }
    case 'listeners':
      return { kind, descriptors: text.split(' ').map(Number) }
    case 'access':
      return { kind, pid: value, ...seenAccess(text) }
    default:
      return null
  }
}

function refusedCall(facts: Readonly<Record<string, string>>): RefusedCall {
  const { call = '?', why = '', number, pid, count, arguments: registers = '' } = facts
  return {
    call,
    why,
    number: Number(number),
    pid: Number(pid),
    count: Number(count),
    arguments: registers.split(' ').filter((register) => register !== ''),
  }
}

function seenAccess(text: string): Omit<SeenAccess, 'pid'> {
  const [call = '', intent, path = ''] = text.split('\0')
  return { call, intent: intent === 'write' || intent === 'execute' ? intent : 'read', path }
}

function splitStep(text: string): { step: string; detail: string } {
  const end = text.indexOf('\0')
  return end < 0 ? { step: text, detail: '' } : { step: text.slice(0, end), detail: text.slice(end + 1) }
}

function parseFacts(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes('='))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
