import { McpoError } from '../../errors.ts'

/**
 * What is on its way to a remote server. Requests may overtake each other, as they are answered one by one; a notification, or
 * whatever else `blocks`, is through before anything behind it is sent.
 */
export class Outbox {
  private readonly maxBytes: number
  private gate: Promise<void>
  private bytes = 0

  constructor(maxBytes: number, ready: Promise<void> = Promise.resolve()) {
    this.maxBytes = maxBytes
    this.gate = ready
  }

  /** `post` must not reject. Throws TOO_MANY when the server takes too little. */
  add(bytes: number, blocks: boolean, post: () => Promise<void>): void {
    if (this.bytes > this.maxBytes) {
      throw new McpoError('TOO_MANY', `${this.bytes} bytes wait for a server that does not take them`, {
        hint: 'Wait for earlier calls to finish, then try again.',
      })
    }
    this.bytes += bytes
    const posted = this.gate.then(post).finally(() => {
      this.bytes -= bytes
    })
    if (blocks) this.gate = posted
  }
}
