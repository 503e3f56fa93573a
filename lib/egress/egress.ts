/** One server's way to the world: serves the listeners of its network namespace, until it ends. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import type { Server } from 'node:net'
import type { DialRules } from './dial.ts'
import { DnsStub } from './dns-stub.ts'
import { Gate } from './gate.ts'
import { httpProxy } from './http-proxy.ts'
import { NameAddresses } from './names.ts'
import { Refusals } from './refusals.ts'
import { socksProxy } from './socks.ts'
import type { TellEgress } from './telling.ts'
import { transparentProxy } from './transparent.ts'

/** Listening sockets, in the order of `native/linux/launch/egress.h`. */
export interface EgressSockets {
  /** UDP */
  readonly names: number
  readonly http: number
  readonly socks: number
  readonly ports: readonly number[]
}

/** Beyond them a server's connections are closed as they come. */
const maxClients = 600

export class Egress {
  readonly #gate: Gate
  readonly #tell: TellEgress
  readonly #refusals: Refusals
  readonly #dns: UdpSocket
  readonly #servers: readonly Server[]

  /** Takes the sockets over. */
  constructor(sockets: EgressSockets, rules: DialRules, tell: TellEgress) {
    const names = new NameAddresses()
    this.#tell = tell
    this.#refusals = new Refusals(tell.refused)
    this.#gate = new Gate(rules, names, this.#refusals, tell)
    this.#dns = answerNames(sockets.names, new DnsStub(rules.policy, names, this.#gate))
    this.#servers = [
      listenOn(sockets.http, httpProxy(this.#gate)),
      listenOn(sockets.socks, socksProxy(this.#gate)),
      ...sockets.ports.map((fd) => listenOn(fd, transparentProxy(this.#gate, rules.policy))),
    ]
  }

  /** Cuts every connection; from then on the server is refused by the kernel. Tells the rest of the refusals, and what passed. */
  close(): void {
    this.#dns.close()
    for (const server of this.#servers) server.close()
    this.#gate.close()
    this.#refusals.end()
    const { meter, connected } = this.#gate
    if (connected > 0) this.#tell.ended?.(meter.traffic, connected)
  }
}

function listenOn(fd: number, server: Server): Server {
  server.maxConnections = maxClients
  // What fails here has failed for the server: it is refused.
  server.on('error', () => server.close())
  return server.listen({ fd })
}

function answerNames(fd: number, stub: DnsStub): UdpSocket {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  socket.on('message', (message, { address, port }) => {
    const answer = stub.answer(message)
    if (answer !== null) socket.send(answer, port, address, () => {})
  })
  socket.bind({ fd })
  return socket
}
