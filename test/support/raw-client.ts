/** A client that sends bytes and shows the bytes that come back, as Latin-1: nothing is parsed on the way. */
import { Agent, type IncomingMessage, request } from 'node:http'

export interface RawReply {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** The data of each event, or the body of a plain JSON answer. */
  readonly messages: readonly string[]
}

export type Headers = Readonly<Record<string, string>>

/** An answer that is coming in. */
export interface Exchange {
  /** The status, as soon as it is there. */
  readonly begun: Promise<number>
  readonly reply: Promise<RawReply>
  /** The events so far, and a way to wait for more. */
  readonly events: Events
  disconnect(): void
}

const accept = 'application/json, text/event-stream'

/** Messages in the order they came. */
export class Events {
  readonly all: string[] = []
  private taken = 0
  private rest = ''
  private wake: () => void = () => {}

  /** The next message that was not taken yet. */
  async next(): Promise<string> {
    while (this.all[this.taken] === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    return this.all[this.taken++] ?? ''
  }

  push(text: string): void {
    const blocks = (this.rest + text).split('\n\n')
    this.rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const data = dataOf(block)
      if (data !== '') this.all.push(data)
    }
    this.wake()
  }
}

const fieldLine = /^(?:|event: message|id: \S+|retry: [0-9]+|:.*)$/

/** An event has at most one line of data: a line break within the message would have made it two. */
function dataOf(block: string): string {
  const lines = block.split(/\r\n|\r|\n/)
  const data = lines.filter((line) => line.startsWith('data: '))
  const others = lines.filter((line) => !line.startsWith('data: '))
  if (data.length > 1 || !others.every((line) => fieldLine.test(line)))
    throw new Error(`no such event was expected: ${block}`)
  return data[0]?.slice('data: '.length) ?? ''
}

export class RawClient {
  private readonly url: string
  private readonly agent = new Agent({ keepAlive: true })

  constructor(url: string) {
    this.url = url
  }

  post(headers: Headers, body: string): Exchange {
    return this.send('POST', { 'content-type': 'application/json', accept, ...headers }, body)
  }

  get(headers: Headers): Exchange {
    return this.send('GET', { accept: 'text/event-stream', ...headers })
  }

  delete(headers: Headers): Exchange {
    return this.send('DELETE', headers)
  }

  close(): void {
    this.agent.destroy()
  }

  private send(method: string, headers: Headers, body?: string): Exchange {
    const bytes = body === undefined ? undefined : Buffer.from(body, 'latin1')
    const length = bytes === undefined ? {} : { 'content-length': String(bytes.length) }
    const outgoing = request(this.url, { method, agent: this.agent, headers: { ...headers, ...length } })
    const events = new Events()
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('error', reject)
      outgoing.on('response', resolve)
    })
    const begun = response.then(({ statusCode }) => statusCode ?? 0)
    const reply = response.then((it) => read(it, events))
    for (const settled of [begun, reply]) settled.catch(() => {})
    outgoing.end(bytes)
    return { begun, reply, events, disconnect: () => outgoing.destroy() }
  }
}

async function read(response: IncomingMessage, events: Events): Promise<RawReply> {
  const isStream = response.headers['content-type'] === 'text/event-stream'
  let body = ''
  for await (const text of response.setEncoding('latin1')) {
    body += text
    if (isStream) events.push(String(text))
  }
  if (!isStream && body !== '') events.all.push(body)
  return { status: response.statusCode ?? 0, headers: response.headers, body, messages: events.all }
}
