/**
 * A world to connect to, in the network namespace of one test file: addresses of the internet that are this namespace's own, and
 * servers there. Nothing leaves it. Call `withoutRoute` first.
 */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { join, normalize } from 'node:path'
import type { Test } from 'tap'
import type { HostAddress, Resolve } from '../../lib/egress/address-guard.ts'

/** In the environment where the addresses are the namespace's own already, since an ordinary user could not make them so. */
export const worldMark = 'MCPO_WORLD'

/** Public and private ones, and one that services of clouds have. */
export const worldRanges = ['1.1.1.0/24', '10.9.8.0/24', '169.254.169.254/32', '2606:4700::/64']

const nonlocalBind = '/proc/sys/net/ipv6/ip_nonlocal_bind'

export class World {
  /** `name address`, a line for each question. */
  readonly asked: string[] = []
  /** `address:port request` of each one that came, or what a connection began with. */
  readonly heard: string[] = []
  readonly #names: Readonly<Record<string, readonly string[]>>
  readonly #servers: (Server | HttpServer)[] = []
  readonly #sockets = new Set<Socket>()

  /** `names`: where they are, one address for each time that they are asked for; the last one stays. */
  constructor(t: Test, names: Readonly<Record<string, readonly string[]>>) {
    this.#names = names
    if (process.env[worldMark] === undefined) for (const range of ownRanges()) makeOwn(range)
    // Unlike with IPv4, a route of type local is not enough to listen.
    if (process.env[worldMark] === undefined && existsSync(nonlocalBind)) writeFileSync(nonlocalBind, '1')
    t.teardown(() => this.close())
  }

  /** Nobody answers any more. */
  close(): void {
    for (const server of this.#servers) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** An address becomes this machine's own, as those of its interfaces are. */
  give(address: string): void {
    ip(['address', 'add', `${address}/32`, 'dev', 'lo'])
  }

  readonly resolve: Resolve = async (name) => {
    const addresses = this.#names[name]
    const turn = this.asked.filter((each) => each.startsWith(`${name} `)).length
    const address = addresses?.[Math.min(turn, addresses.length - 1)]
    this.asked.push(`${name} ${address}`)
    return (address ?? '').split(',').filter(Boolean).map(hostAddress)
  }

  /** A web server that says what it was asked. */
  async http(address: string, port: number): Promise<void> {
    const server = createServer((request, response) => {
      this.heard.push(`${address}:${port} ${request.method} ${request.headers.host}${request.url}`)
      response.end(JSON.stringify({ address, headers: request.headers }))
    })
    await this.#listen(server, address, port)
  }

  /** The files of a folder. */
  async files(address: string, port: number, folder: string): Promise<void> {
    const server = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://here').pathname
      this.heard.push(`${address}:${port} ${request.method} ${request.headers.host}${path}`)
      const file = join(folder, normalize(decodeURIComponent(path)))
      if (existsSync(file) && statSync(file).isFile()) response.end(readFileSync(file))
      else response.writeHead(404).end()
    })
    await this.#listen(server, address, port)
  }

  /** Sends back whatever comes. */
  async echo(address: string, port: number): Promise<void> {
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      socket.once('data', (chunk: Buffer) => this.heard.push(`${address}:${port} ${chunk.toString('latin1', 0, 20)}`))
      socket.on('error', () => socket.destroy())
      socket.pipe(socket)
    })
    await this.#listen(server, address, port)
  }

  /** Answers a head with these bytes and ends, and keeps all that came in `heard`, when the other side has ended too. */
  async says(address: string, port: number, bytes: string): Promise<void> {
    const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
      let came = ''
      socket.on('error', () => socket.destroy())
      socket.on('data', (chunk: Buffer) => {
        came += chunk.toString('latin1')
        // What follows the head has time to come.
        if (came.includes('\r\n\r\n')) setTimeout(() => socket.end(bytes, 'latin1'), 50)
      })
      socket.once('close', () => this.heard.push(came))
    })
    await this.#listen(server, address, port)
  }

  /** Says a byte, and ends. */
  async greets(address: string, port: number): Promise<void> {
    const server = createTcpServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.end('x')
    })
    await this.#listen(server, address, port)
  }

  /** Takes whatever comes, and says nothing. */
  async sink(address: string, port: number): Promise<void> {
    const server = createTcpServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.resume()
    })
    await this.#listen(server, address, port)
  }

  get connections(): number {
    return this.#sockets.size
  }

  async #listen(server: Server | HttpServer, address: string, port: number): Promise<void> {
    this.#servers.push(server)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.listen({ port, host: address, backlog: 1024 })
    await once(server, 'listening')
  }
}

function hostAddress(address: string): HostAddress {
  return { address, family: address.includes(':') ? 6 : 4 }
}

/** Kernels without IPv6 (the lab's User Mode Linux) have the others. */
function ownRanges(): readonly string[] {
  return existsSync('/proc/net/if_inet6') ? worldRanges : worldRanges.filter((range) => !range.includes(':'))
}

function makeOwn(range: string): void {
  ip([...(range.includes(':') ? ['-6'] : []), 'route', 'replace', 'local', range, 'dev', 'lo'])
}

function ip(args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}
