import type { Socket } from 'node:net'
import type { Allowance } from './allowance.ts'
import type { Traffic } from './traffic.ts'

/** Counts all connections of one server, as the bytes pass. */
export class Meter {
  readonly traffic: Traffic = { uploadBytes: 0, downloadBytes: 0 }
  readonly #allowance: Allowance | null
  readonly #onExhausted: () => void

  /** `onExhausted` is called at each byte for which nothing was left. */
  constructor(allowance: Allowance | null, onExhausted: () => void) {
    this.#allowance = allowance
    this.#onExhausted = onExhausted
  }

  /** To be called with each chunk that has passed to or from the world by this socket; and once it has closed, it counts the rest. */
  count(socket: Socket): () => void {
    let [sent, got] = [0, 0]
    const look = (): void => {
      // A socket that is destroyed takes back what still waited in it: that counts all the same.
      const upload = Math.max(socket.bytesWritten - sent, 0)
      const download = socket.bytesRead - got
      sent += upload
      got += download
      this.#add(upload, download)
    }
    socket.once('close', look)
    return look
  }

  #add(uploadBytes: number, downloadBytes: number): void {
    this.traffic.uploadBytes += uploadBytes
    this.traffic.downloadBytes += downloadBytes
    this.#allowance?.spend(uploadBytes, downloadBytes)
    if (this.#allowance !== null && this.#allowance.exhausted !== null) this.#onExhausted()
  }
}
