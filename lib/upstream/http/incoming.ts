import type { FrameCounters } from '../../protocol/framer.ts'
import { parseMessage } from '../../protocol/message.ts'
import type { Field, Message } from '../../protocol/model.ts'
import { byteLengthOf } from '../../protocol/pieces.ts'
import { type ScanChunk, scanChunkJs } from '../../protocol/scan.ts'
import type { ConnectionEvents } from '../connection.ts'

/** Refused messages end in logs: nothing of them may be long. */
const maxLocatedBytes = 1024

/** Makes messages of what a remote server sends, and refuses what is none. */
export class Incoming {
  private readonly events: ConnectionEvents
  private readonly scan: ScanChunk
  private readonly counters: FrameCounters

  constructor(events: ConnectionEvents, scan: ScanChunk, counters: FrameCounters) {
    this.events = events
    this.scan = scan
    this.counters = counters
  }

  /** Null: it was no message, and that was told. */
  parse(pieces: readonly Buffer[]): Message | null {
    const message = parseMessage(pieces, this.scan)
    this.counters[this.scan === scanChunkJs ? 'twin' : 'native'] += 1
    if (message.problem === null) return message
    this.counters.rejected += 1
    const id = shortRaw(message, 'id')
    this.events.onReject({
      reason: message.problem,
      bytes: byteLengthOf(pieces),
      id: id !== null && /^("|-?[0-9]+$)/.test(id) ? id : null,
      method: shortRaw(message, 'method'),
    })
    return null
  }
}

function shortRaw(message: Message, field: Field): string | null {
  const span = message.span(field)
  return span !== null && span.end - span.start <= maxLocatedBytes ? message.raw(field) : null
}
