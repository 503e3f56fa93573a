/** Reads what the launcher reports over its status pipe; `native/core/status.h` is the other side. */
import { errnoName } from './names.ts'

/** One record. A `failure` is the last word: an `exit` that follows it is the launcher's own. */
export type StatusRecord =
  /** About to do something that may hang (`open`, a path): named when the deadline passes. */
  | { readonly kind: 'progress'; readonly step: string; readonly detail: string }
  /** Nothing was executed: this step failed. `errno` is a name, `ENOENT`. */
  | { readonly kind: 'failure'; readonly step: string; readonly errno: string; readonly detail: string }
  /** The self-check passed and the server is being executed; a failing exec still follows as `failure`. */
  | { readonly kind: 'ready'; readonly facts: Readonly<Record<string, string>> }
  /** Something is weaker than planned. */
  | { readonly kind: 'note'; readonly errno: string; readonly text: string }
  /** The server ended: `code`, or the number of the signal that ended it. */
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: number | null }

const headerBytes = 8
const kinds = ['progress', 'failure', 'ready', 'note', 'exit'] as const

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
    default:
      return null
  }
}

function splitStep(text: string): { step: string; detail: string } {
  const end = text.indexOf('\0')
  return end < 0 ? { step: text, detail: '' } : { step: text.slice(0, end), detail: text.slice(end + 1) }
}

function parseFacts(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.includes('='))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}
