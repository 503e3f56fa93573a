/** A client that is no HTTP client: it sends bytes on a connection of its own, and shows the bytes that come back. */
import { connect, type Socket } from 'node:net'

/** How long a gateway that has nothing more to say is listened to. A connection that stays open is ended then. */
const quietMs = 150

export interface Heard {
  /** Latin-1. */
  readonly text: string
  /** The status of each answer, in order. */
  readonly statuses: readonly number[]
  /** The gateway ended the connection. */
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

  /** What comes until the end of the connection, or until nothing more came for a while after the first answer. */
  async hear(): Promise<Heard> {
    await Promise.race([this.until(/\r\n\r\n/).catch(() => {}), this.ended])
    for (let length = -1; length !== this.text.length && !this.isEnded; ) {
      length = this.text.length
      await Promise.race([new Promise((resolve) => setTimeout(resolve, quietMs)), this.ended])
    }
    const heard = { text: this.text, statuses: statusesIn(this.text), isEnded: this.isEnded }
    this.close()
    return heard
  }
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
