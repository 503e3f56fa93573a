/** A client that is no HTTP client: it sends bytes on a connection of its own, and shows the bytes that come back. */
import { connect, type Socket } from 'node:net'

/** The last request on a connection: whatever came before it has been answered when this is. */
const goodbye = 'GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'
const farewell = /HTTP\/1\.1 200 OK\r\n(?:(?!\r\n\r\n).)*\r\n\r\n\{"status":"ok".*$/s

export interface Heard {
  /** Latin-1. */
  readonly text: string
  /** The status of each answer, in order. */
  readonly statuses: readonly number[]
  /** The gateway ended the connection by itself. */
  readonly isEnded: boolean
}

export class RawSocket {
  readonly socket: Socket
  /** Settles when the gateway ended the connection. */
  readonly ended: Promise<void>
  text = ''
  private isEnded = false
  private wake: () => void = () => {}

  constructor(port: number, bytes = '') {
    this.socket = connect(port, '127.0.0.1').setEncoding('latin1')
    this.socket.on('data', (text: string) => {
      this.text += text
      this.wake()
    })
    this.ended = new Promise((resolve) => this.socket.once('close', () => resolve()))
    void this.ended.then(() => {
      this.isEnded = true
      this.wake()
    })
    this.socket.on('error', () => {})
    this.write(bytes)
  }

  write(bytes: string): void {
    if (!this.socket.destroyed) this.socket.write(bytes, 'latin1')
  }

  /** Settles when so much came that the pattern is in it. Rejects when the connection ended without. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.text)) {
      if (this.isEnded) throw new Error(`the connection ended after ${JSON.stringify(this.text.slice(0, 500))}`)
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }

  close(): void {
    this.socket.destroy()
  }

  /** All answers to what was sent. */
  async hear(): Promise<Heard> {
    await Promise.race([this.until(/\r\n\r\n/).catch(() => {}), this.ended])
    if (!/^connection: close\r$/im.test(this.text)) this.write(goodbye)
    await this.ended
    const text = this.text.replace(farewell, '')
    return { text, statuses: statusesIn(text), isEnded: text === this.text }
  }
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
