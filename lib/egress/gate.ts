/** The one way from a server to the world: each connection is listed, counted, dialled, and looked at in its first bytes. */
import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { McpoError } from '../errors.ts'
import { destinationInWords } from '../policy/network/entry.ts'
import { normaliseName } from '../policy/network/host-name.ts'
import { resolveBySystem } from './address-guard.ts'
import type { Hello } from './client-hello.ts'
import type { Destination, Way } from './destination.ts'
import { type DialRules, dial, ensureListed } from './dial.ts'
import { Meter } from './meter.ts'
import type { NameAddresses } from './names.ts'
import { Quota } from './quota.ts'
import type { Refusals } from './refusals.ts'
import type { TellEgress } from './telling.ts'
import { tunnel } from './tunnel.ts'

export class Gate {
  readonly meter: Meter
  readonly #rules: DialRules
  readonly #names: NameAddresses
  readonly #refusals: Refusals
  readonly #tell: TellEgress
  readonly #quota = new Quota()
  readonly #open = new Set<Socket>()
  #connected = 0
  #isExhausted = false
  #isClosed = false

  constructor(rules: DialRules, names: NameAddresses, refusals: Refusals, tell: TellEgress) {
    const { resolve = resolveBySystem } = rules
    this.#rules = { ...rules, resolve: (name) => this.#quota.lookups.run(() => resolve(name)) }
    this.#names = names
    this.#refusals = refusals
    this.#tell = tell
    this.meter = new Meter(rules.allowance ?? null, () => this.#cutExhausted())
  }

  /** So many were reached. */
  get connected(): number {
    return this.#connected
  }

  /** A connected socket, counted until it closes. Rejects with a McpoError; what is refused has been told. */
  async open(asked: Destination, way: Way): Promise<Socket> {
    const destination = this.#names.meant(asked) ?? this.#refuseForgotten(asked, way)
    const leave = this.#enter(destination, way)
    try {
      ensureListed(destination, this.#rules)
      const socket = await this.#quota.dials.run(() => dial(destination, this.#rules))
      socket.once('close', leave)
      this.#keep(socket)
      this.#connected++
      this.#tell.connected?.(destinationInWords(destination.host, destination.port))
      return socket
    } catch (error) {
      leave()
      this.#tellRefused(destination, way, error)
      throw error
    }
  }

  /** Both become one connection. `head`: what the client said before. Settles when it is closed. */
  async join(client: Socket, server: Socket, asked: Destination, way: Way, head?: Buffer): Promise<void> {
    const { host, port } = this.#names.meant(asked) ?? asked
    this.#keep(client)
    const isChecked = this.#rules.policy.kind === 'list' && host.kind === 'name'
    const accepts = (hello: Hello): boolean => {
      const why = wrongName(hello, host.name)
      if (why !== null) this.#refusals.add({ where: destinationInWords(host, port), way, why, line: null })
      return why === null
    }
    await tunnel(client, server, { meter: this.meter, head, accepts: isChecked ? accepts : null })
  }

  /** For a name that was only asked about. */
  refuseName(name: string): void {
    this.#refusals.add({ where: name, way: 'dns', why: 'it is not on the list', line: `${name}:443` })
  }

  /** For what could not even be read as a destination. */
  refuse(where: string, way: Way, why: string): void {
    this.#refusals.add({ where, way, why, line: null })
  }

  /** Cuts all connections. */
  close(): void {
    this.#isClosed = true
    this.#cut()
  }

  #refuseForgotten({ host, port }: Destination, way: Way): never {
    const why = 'it stands for no name that was looked up'
    this.#refusals.add({ where: destinationInWords(host, port), way, why, line: null })
    throw new McpoError('AUTHORIZATION_ERROR', why)
  }

  #enter(destination: Destination, way: Way): () => void {
    if (this.#rules.allowance !== undefined && this.#rules.allowance.exhausted !== null) {
      this.#cutExhausted()
      throw new McpoError('TOO_MANY', 'nothing may pass for now')
    }
    const leave = this.#quota.enter()
    if (leave !== null) return leave
    const why = `${this.#quota.connections} connections at once are the most`
    this.#refusals.add({ where: destinationInWords(destination.host, destination.port), way, why, line: null })
    throw new McpoError('TOO_MANY', why)
  }

  #keep(socket: Socket): void {
    if (this.#isClosed) socket.destroy()
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
  }

  /** Told once by each copy of a server, however often it tries again. */
  #cutExhausted(): void {
    const { allowance } = this.#rules
    const direction = allowance?.exhausted ?? null
    if (allowance === undefined || direction === null) return
    if (!this.#isExhausted) this.#tell.exhausted?.(direction, allowance.most)
    this.#isExhausted = true
    this.#cut()
  }

  #cut(): void {
    for (const socket of this.#open) socket.destroy()
  }

  #tellRefused({ host, port }: Destination, way: Way, error: unknown): void {
    if (!(error instanceof McpoError) || error.code !== 'AUTHORIZATION_ERROR') return
    const { message, hint = '' } = error
    this.#refusals.add({ where: destinationInWords(host, port), way, why: message, line: hint === '' ? null : hint })
  }
}

/** A name on the list must not be a front for another one behind the same address. */
function wrongName(hello: Hello, name: string): string | null {
  if (hello.kind === 'malformed') return 'it begins like TLS, and names no server that one could read'
  if (hello.kind !== 'tls' || hello.serverName === null) return null
  const asked = normaliseName(hello.serverName)
  return asked === name ? null : `TLS asks it for another server, ${asked ?? 'which is no name'}`
}
