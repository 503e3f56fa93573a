import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Caller } from './caller.ts'

export interface Contender {
  readonly name: string
  readonly caller: Caller
  /** Milliseconds of CPU that its process has used, all threads. */
  cpuMs(): number
  stop(): Promise<void>
}

const script = (name: string): string => new URL(name, import.meta.url).pathname

/** `mcpo serve` in front of the echo server, which runs in its sandbox; the server's own process is not counted. */
export async function startGateway(): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-bench-'))
  chmodSync(folder, 0o700)
  mkdirSync(join(folder, 'home'), { mode: 0o700 })
  const server = `name = "echo"\ncommand = "${process.execPath}"\nargs = ["${script('echo-server.js')}"]\n`
  const file = join(folder, 'config.toml')
  writeFileSync(file, `[server]\nport = 0\n[[servers]]\n${server}`, { mode: 0o600 })
  const folders = { HOME: join(folder, 'home'), STATE_DIRECTORY: join(folder, 'state') }
  const env = { PATH: process.env['PATH'], ...folders, MCPO_LOG_LEVEL: 'error' }
  const options = process.env['MCPO_BENCH_NODE_OPTIONS']?.split(' ') ?? []
  const child = spawn(process.execPath, [...options, script('../../../bin/mcpo.js'), 'serve', '-c', file], { env })
  const started = await start('mcpo', child, '/echo')
  const stop = async (): Promise<void> => {
    await started.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...started, stop }
}

export function startSdk(): Promise<Contender> {
  return start('SDK 1.x server', spawn(process.execPath, [script('sdk-server.js')]), '')
}

/** Waits for the address that it prints, and opens a session there. */
async function start(name: string, child: ChildProcess, path: string): Promise<Contender> {
  const { stdout, pid } = child
  if (stdout === null || pid === undefined) throw new Error(`${name} does not start`)
  const ended = once(child, 'exit')
  const [line] = await Promise.race([once(createInterface({ input: stdout }), 'line'), ended])
  const url = /http:\S+?\/mcp/.exec(String(line))?.[0]
  if (url === undefined) throw new Error(`${name} ended with ${line}`)
  const caller = await Caller.open(url + path)
  const stop = async (): Promise<void> => {
    caller.close()
    child.kill('SIGTERM')
    await ended
  }
  return { name, caller, cpuMs: () => cpuMsOf(pid), stop }
}

/** The first number of `schedstat`: nanoseconds that a thread spent on a CPU (proc(5)). */
function cpuMsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const ns = threads.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'utf8').split(' ')[0]))
  return ns.reduce((sum, value) => sum + value, 0) / 1e6
}
