import type { ServerResponse } from 'node:http'
import type { AnswerOptions, Reply } from '../gateway/model.ts'
import { byteLengthOf } from '../protocol/pieces.ts'
import type { Outgoing } from '../upstream/model.ts'
import { ResumableStream } from './event-stream.ts'
import type { KeepAlive } from './keep-alive.ts'

/**
 * The response of one POST: plain JSON when the answer is the first thing to send, a stream of events as soon as
 * something else comes before it.
 */
export class PostReply extends ResumableStream implements Reply {
  constructor(response: ServerResponse, keepAlives: KeepAlive) {
    super(response, keepAlives)
  }

  answer(message: Outgoing, options: AnswerOptions = {}): void {
    if (this.started) {
      this.send(message)
      this.end()
    } else if (this.open) this.answerJson(message, options)
  }

  accept(): void {
    if (this.open && !this.started) this.response.writeHead(202, { 'content-length': 0 }).end()
    else this.end()
  }

  private answerJson(message: Outgoing, options: AnswerOptions): void {
    const headers: Record<string, string | number> = {
      'content-type': 'application/json',
      'content-length': byteLengthOf(message.pieces),
    }
    if (options.sessionId !== undefined) headers['mcp-session-id'] = options.sessionId
    this.response.writeHead(options.status ?? 200, headers)
    this.write(message.pieces)
    this.response.end()
    this.measure()
  }
}
