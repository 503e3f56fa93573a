/** Scripted servers: of each copy that a gateway starts, the test holds the other ends of the pipes. No SDK, no process. */
import { execFileSync } from 'node:child_process'
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExitStatus, SandboxedChild } from '../../lib/sandbox/model.ts'
import type { StartServer } from '../../lib/upstream/model.ts'

/** Takes bytes as Latin-1. */
export interface Writer {
  write(bytes: string): void
}

/** Takes a line that the script answers by itself; false: the line is for the test. */
export type Script = (line: string, puppet: Puppet) => boolean

/** One copy. Lines are bytes as Latin-1, so that comparing text compares bytes. */
export class Puppet {
  readonly server: string
  /** Settles when the gateway let it go, or when it died. */
  readonly gone: Promise<ExitStatus>
  onLine: (line: string) => void = (line) => void this.waiting.push(line)
  private readonly stdin: Socket
  private readonly stdout: Socket
  private readonly stderr: Socket
  private readonly waiting: string[] = []
  private leave: (status: ExitStatus) => void = () => {}
  private rest = ''

  constructor(server: string, [stdin, stdout, stderr]: readonly [number, number, number], script: Script) {
    this.server = server
    this.gone = new Promise((resolve) => {
      this.leave = resolve
    })
    this.stdin = new Socket({ fd: stdin, readable: true, writable: false })
    this.stdout = new Socket({ fd: stdout, readable: false, writable: true })
    this.stderr = new Socket({ fd: stderr, readable: false, writable: true })
    for (const socket of [this.stdout, this.stderr]) socket.on('error', () => {})
    this.stdin.setEncoding('latin1').on('data', (text: string) => this.read(text, script))
    this.stdin.on('end', () => this.end({ code: 0, signal: null }))
  }

  /** The lines that came and were not taken yet. */
  take(): string[] {
    return this.waiting.splice(0)
  }

  /** The next line for the test. */
  async next(): Promise<string> {
    const known = this.waiting.shift()
    if (known !== undefined) return known
    return new Promise((resolve) => {
      const before = this.onLine
      this.onLine = (line) => {
        this.onLine = before
        resolve(line)
      }
    })
  }

  /** Writes bytes (given as Latin-1) as they are. */
  write(bytes: string): void {
    if (!this.stdout.destroyed) this.stdout.write(bytes, 'latin1')
  }

  /** Reads nothing more, and lives on. */
  ignoreStdin(): void {
    this.stdin.pause()
  }

  closeStdin(): void {
    this.stdin.destroy()
  }

  /** What was written before still arrives. */
  closeStdout(): void {
    this.stdout.end(() => this.stdout.destroy())
  }

  /** Exits, while something that it left behind holds its pipes. */
  exit(code: number): void {
    this.leave({ code, signal: null })
  }

  /** As a crash: everything written so far still arrives. */
  die(): void {
    this.end({ code: null, signal: 'SIGKILL' })
  }

  private read(text: string, script: Script): void {
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop() ?? ''
    for (const line of lines) if (!script(line, this)) this.onLine(line)
  }

  private end(status: ExitStatus): void {
    this.stdin.destroy()
    this.stderr.destroy()
    this.closeStdout()
    this.leave(status)
  }
}

export interface Puppets {
  readonly start: StartServer
  /** All copies there were, in the order they were started. */
  readonly all: readonly Puppet[]
}

export function puppets(scripts: Readonly<Record<string, Script>>): Puppets {
  const all: Puppet[] = []
  const start: StartServer = async ({ name }) => {
    const [stdin, stdout, stderr] = fifos()
    const puppet = new Puppet(name, [stdin.reader, stdout.writer, stderr.writer], scripts[name] ?? (() => false))
    all.push(puppet)
    const stdio = { stdin: stdin.writer, stdout: stdout.reader, stderr: stderr.reader }
    return {
      pid: -all.length,
      stdio,
      verdicts: [],
      exited: puppet.gone,
      signal: () => puppet.die(),
      kill: () => puppet.die(),
    } satisfies SandboxedChild
  }
  return { start, all }
}

interface Ends {
  readonly reader: number
  readonly writer: number
}

/** Both ends of three new FIFOs. */
function fifos(): [Ends, Ends, Ends] {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-puppet-'))
  const paths = ['in', 'out', 'err'].map((name) => join(folder, name))
  execFileSync('mkfifo', paths)
  const [stdin, stdout, stderr] = paths.map(endsOf)
  rmSync(folder, { recursive: true })
  return [stdin, stdout, stderr] as [Ends, Ends, Ends]
}

/** A reader is opened first: a writer without one is refused (ENXIO). */
function endsOf(path: string): Ends {
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  return { reader, writer }
}
