import type { IncomingMessage } from 'node:http'
import { McpoError } from '../errors.ts'
import { PieceList } from '../protocol/piece-list.ts'

/**
 * Reads bodies as the pieces they arrive in. One body may have `maxBytes`, and all bodies that are being read at once
 * `maxTotalBytes`; more is refused without reading on.
 */
export class BodyReader {
  private readonly maxBytes: number
  private readonly maxTotalBytes: number
  private totalBytes = 0

  constructor(maxBytes: number, maxTotalBytes: number) {
    this.maxBytes = maxBytes
    this.maxTotalBytes = maxTotalBytes
  }

  read(request: IncomingMessage): Promise<Buffer[]> {
    const declared = Number(request.headers['content-length'] ?? 0)
    if (declared > this.maxBytes) throw this.tooLarge()
    return new Promise((resolve, reject) => this.collect(request, resolve, reject))
  }

  private collect(
    request: IncomingMessage,
    resolve: (pieces: Buffer[]) => void,
    reject: (error: McpoError) => void,
  ): void {
    const pieces = new PieceList()
    let bytes = 0
    const settle = (error: McpoError | null): void => {
      request.removeAllListeners('data')
      this.totalBytes -= bytes
      bytes = 0
      if (error === null) resolve(pieces.take())
      else reject(error)
    }
    request.on('data', (piece: Buffer) => {
      pieces.add(piece)
      bytes += piece.length
      this.totalBytes += piece.length
      if (bytes > this.maxBytes) settle(this.tooLarge())
      else if (this.totalBytes > this.maxTotalBytes) settle(busy())
    })
    request.once('end', () => settle(null))
    request.once('close', () => {
      if (!request.readableEnded) settle(interrupted())
    })
  }

  private tooLarge(): McpoError {
    return new McpoError('TOO_LARGE', `A message may have ${this.maxBytes} bytes, and this one has more`, {
      hint: 'Raise max_message_mb of [server] if clients send messages this large.',
    })
  }
}

function interrupted(): McpoError {
  return new McpoError('INVALID_REQUEST', 'The client closed the connection within its request')
}

function busy(): McpoError {
  return new McpoError('TOO_MANY', 'The gateway is reading as many request bodies as it may', {
    hint: 'Try again in a moment.',
  })
}
