/** A sandboxed server that says back what it is told: `mcpo sandbox run -- cat`. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Account } from '../../e2e/sandbox-run.ts'

export class HeldServer {
  readonly #gateway: ChildProcess

  private constructor(gateway: ChildProcess) {
    this.#gateway = gateway
  }

  /** Resolves when it answers. */
  static async start(account: Account): Promise<HeldServer> {
    const server = new HeldServer(account.start(['--', 'cat'], ['pipe', 'pipe', 'inherit']))
    await server.answers()
    return server
  }

  async answers(): Promise<boolean> {
    const { stdin, stdout } = this.#gateway
    stdin?.write('there?\n')
    const [answer] = await once(stdout!, 'data')
    return String(answer) === 'there?\n'
  }

  async end(): Promise<void> {
    this.#gateway.stdin?.end()
    await once(this.#gateway, 'close')
  }

  /** SIGKILL for its gateway. Resolves when the server is gone too: nobody holds its output any more. */
  async killGateway(): Promise<void> {
    this.#gateway.kill('SIGKILL')
    await once(this.#gateway, 'close')
  }
}
