import { Agent, type IncomingHttpHeaders, request } from 'node:http'

/** Calls in flight at once. */
const concurrency = 16
const opening = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
}

/** A client with a session, on connections that stay open. */
export class Caller {
  private readonly url: string
  private readonly agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  private headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  }
  private lastId = 0

  private constructor(url: string) {
    this.url = url
  }

  static async open(url: string): Promise<Caller> {
    const caller = new Caller(url)
    const { headers } = await caller.post({ id: 0, method: 'initialize', params: opening })
    const session = { 'mcp-session-id': String(headers['mcp-session-id']), 'mcp-protocol-version': '2025-11-25' }
    caller.headers = { ...caller.headers, ...session }
    await caller.post({ method: 'notifications/initialized' })
    return caller
  }

  /** Makes `count` calls, some at once. Throws for an answer that is not the right one. */
  async call(count: number): Promise<void> {
    const last = this.lastId + count
    const work = async (): Promise<void> => {
      while (this.lastId < last) await this.echo(++this.lastId)
    }
    await Promise.all(Array.from({ length: concurrency }, work))
  }

  close(): void {
    this.agent.destroy()
  }

  private async echo(id: number): Promise<void> {
    const value = `value ${id}`
    const { text } = await this.post({ id, method: 'tools/call', params: { name: 'echo', arguments: { value } } })
    if (!text.includes(`"${value}"`)) throw new Error(`call ${id} was answered ${text}`)
  }

  private post(message: object): Promise<{ readonly headers: IncomingHttpHeaders; readonly text: string }> {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    return new Promise((resolve, reject) => {
      const headers = { ...this.headers, 'content-length': Buffer.byteLength(body) }
      const outgoing = request(this.url, { method: 'POST', agent: this.agent, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        response.on('end', () => resolve({ headers: response.headers, text })).on('error', reject)
      })
      outgoing.on('error', reject).end(body)
    })
  }
}
