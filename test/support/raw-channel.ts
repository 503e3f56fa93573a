/** Clients with one pair of channels for everything, in bytes as Latin-1: HTTP+SSE, and the streams of a process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { get, type IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { openingOf } from '../fixtures/wire.ts'
import { gatewayProgram } from './gateway-process.ts'
import { RawClient } from './raw-client.ts'

export interface RawChannel {
  send(message: string): void
  next(): Promise<string>
  close(): void
}

/** Its session is open. */
export async function openSse(url: string): Promise<RawChannel> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers: { accept: 'text/event-stream' } }, resolve).on('error', reject)
  })
  const events = pieces(response, '\n\n')
  const endpoint = dataOf((await events.next()).value ?? '')
  const client = new RawClient(new URL(endpoint, url).href)
  return introduced({
    send: (message) => void client.post({}, message).reply.catch(() => {}),
    async next() {
      for (;;) {
        const { value = '', done } = await events.next()
        if (done === true) throw new Error('the stream has ended')
        if (!value.startsWith(':')) return dataOf(value)
      }
    },
    close() {
      client.close()
      response.destroy()
    },
  })
}

/** `mcpo serve --stdio`. */
export async function openStdio(configuration: string, more: readonly string[]): Promise<RawChannel> {
  const args = [gatewayProgram, 'serve', '--stdio', '-c', configuration, ...more]
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('no pipes')
  const lines = pieces(stdout, '\n')
  return introduced({
    send: (message) => stdin.write(`${message.replace(/[\r\n]/g, ' ')}\n`, 'latin1'),
    async next() {
      const { value, done } = await lines.next()
      if (done === true) throw new Error('stdout has ended')
      return value
    },
    close: () => stdin.end(),
  })
}

async function introduced(channel: RawChannel): Promise<RawChannel> {
  channel.send(JSON.stringify(openingOf()))
  await channel.next()
  channel.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
  return channel
}

async function* pieces(stream: Readable, separator: string): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const text of stream.setEncoding('latin1')) {
    const parts = (rest + text).split(separator)
    rest = parts.pop() ?? ''
    yield* parts
  }
  return undefined
}

/** One line: a line break within the message would have made it two. */
function dataOf(event: string): string {
  const data = event.split('\n').filter((line) => line.startsWith('data: '))
  if (data.length !== 1) throw new Error(`no such event was expected: ${event}`)
  return data[0]?.slice('data: '.length) ?? ''
}
