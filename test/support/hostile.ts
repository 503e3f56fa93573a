/** Makes `test/fixtures/servers/hostile.mjs` write bytes of our choice, and reads what reaches the client without any help of ours. */
import { eventsOf } from '../fixtures/events.ts'
import { jsonHeaders, type WireSession } from '../fixtures/wire.ts'

export interface Answer {
  readonly status: number
  /** The body as it came. */
  readonly text: string
  /** The data of the events in it; of a plain JSON answer, its body alone. */
  readonly events: readonly string[]
}

export interface Saying {
  readonly url: string
  readonly session: WireSession
  readonly id: number | string
  /** `@id@` and `@token@` stand for what the server was given as id and progress token. With a number: so many times. */
  readonly frames: readonly (string | Buffer | readonly [string, number])[]
  readonly token?: string
  readonly tool?: string
}

/** A line of progress of the very call: whatever follows comes in an event. */
export const progress =
  '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":@token@,"progress":1}}\n'
/** The proper answer. */
export const goodAnswer = answerOf('good')

export function answerOf(text: string): string {
  return `{"jsonrpc":"2.0","id":@id@,"result":{"content":[{"type":"text","text":"${text}"}]}}\n`
}

export async function say({ url, session, id, frames, token, tool = 'say' }: Saying): Promise<Answer> {
  const params = {
    name: tool,
    arguments: { frames: frames.map(encoded) },
    ...(token === undefined ? {} : { _meta: { progressToken: token } }),
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })
  const response = await fetch(url, { method: 'POST', headers: { ...jsonHeaders, ...session.headers }, body })
  const text = await response.text()
  const isStream = response.headers.get('content-type') === 'text/event-stream'
  return { status: response.status, text, events: isStream ? eventsOf(text).flatMap(({ data }) => data || []) : [text] }
}

function encoded(frame: Saying['frames'][number]): string | [string, number] {
  if (typeof frame === 'string' || Buffer.isBuffer(frame)) return Buffer.from(frame).toString('base64')
  const [text, times] = frame
  return [Buffer.from(text).toString('base64'), times]
}
