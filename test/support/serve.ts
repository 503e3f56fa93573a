/** The real program, as a process of its own: `mcpo serve` and what else there is. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { openingOf, openSession, post, said, type WireSession } from '../fixtures/wire.ts'
import { type Findings, findingsOf, packageFolder, python, pythonArguments } from './attack.ts'
import { removeFolder } from './remove-folder.ts'

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface MadeConfig {
  readonly file: string
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
}

export interface Serving {
  readonly url: string
  readonly pid: number
  readonly gateway: ChildProcess
  readonly config: MadeConfig
  /** What it logged so far. */
  readonly log: () => string
  /** Settles with the exit status. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** Ends it with SIGTERM, and waits. */
  stop(): Promise<void>
}

const mcpoPath = join(packageFolder, 'bin/mcpo.js')

/** A configuration in a folder that is the gateway's alone, and an environment with folders of its own below that. */
export function makeConfig(t: Test, toml: string, env: NodeJS.ProcessEnv = {}): MadeConfig {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-serve-'))
  chmodSync(folder, 0o700)
  t.teardown(() => removeFolder(folder))
  const file = join(folder, 'config.toml')
  writeFileSync(file, `${toml.includes('[server]') ? '' : '[server]\nport = 0\n'}${toml}`, { mode: 0o600 })
  const home = join(folder, 'home')
  mkdirSync(home, { mode: 0o700 })
  // Else root's would be the machine's own.
  const folders = { HOME: home, STATE_DIRECTORY: join(folder, 'state') }
  return { file, folder, env: { PATH: process.env['PATH'], ...folders, MCPO_LOG_LEVEL: 'debug', ...env } }
}

/** The table of a server that is one of test/fixtures/servers. */
export function fixtureTable(name: string, script: string, sandbox = ''): string {
  const path = join(packageFolder, 'test/fixtures/servers', script)
  return `[[servers]]\nname = "${name}"\ncommand = "${process.execPath}"\nargs = ["${path}"]\n[servers.sandbox]\n${sandbox}\n`
}

/** Listening, and ended with the test. Throws what it said when it does not start. */
export async function serve(
  t: Test,
  config: MadeConfig,
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): Promise<Serving> {
  const gateway = spawn(process.execPath, [mcpoPath, 'serve', '-c', config.file], { env: config.env, stdio })
  const lines: string[] = []
  if (gateway.stdout === null || gateway.stderr === null) throw new Error('stdout and stderr are needed')
  createInterface({ input: gateway.stderr }).on('line', (line) => lines.push(line))
  const ended = once(gateway, 'exit').then(([code, signal]) => code ?? signal)
  const greeting = await Promise.race([once(createInterface({ input: gateway.stdout }), 'line'), ended])
  const url = /http:\/\/\S+?(?=\/mcp)/.exec(Array.isArray(greeting) ? String(greeting[0]) : '')?.[0]
  if (url === undefined) throw new Error(`mcpo serve ended with ${greeting}: ${lines.join('\n')}`)
  const stop = async (): Promise<void> => {
    gateway.kill('SIGTERM')
    await ended
  }
  t.teardown(stop)
  return { url, pid: gateway.pid ?? -1, gateway, config, log: () => lines.join('\n'), ended, stop }
}

/** Runs the program to its end. */
export async function mcpo(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin: number | 'ignore' = 'ignore',
): Promise<Finished> {
  const child = spawn(process.execPath, [mcpoPath, ...args], { env, stdio: [stdin, 'pipe', 'pipe'] })
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes')
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, signal, stdout, stderr }
}

export type Caller = Pick<WireSession, 'call'>

/** Calls a tool of `unchecked.mjs`; what it says, or the errno that it met. */
export async function callTool(session: Caller, tool: string, args: object): Promise<string> {
  const exchange = await session.call(1, tool, args)
  if (exchange.messages.at(-1)?.error !== undefined || exchange.messages.length === 0) throw new Error(exchange.text)
  return said(exchange)
}

/** An attack from within a configured server (`unchecked.mjs`). */
export async function attackThrough(session: Caller, code: string, given: object = {}): Promise<Findings> {
  return findingsOf(await callTool(session, 'run', { command: python, args: pythonArguments(code, given) }))
}

export function sessionOf({ url }: Serving, server: string): Promise<WireSession> {
  return openSession(`${url}/mcp/${server}`)
}

/** A session of whoever has this token. */
export async function sessionWithToken({ url }: Serving, server: string, token: string): Promise<Caller> {
  const authorization = { authorization: `Bearer ${token}` }
  const opened = await post(`${url}/mcp/${server}`, openingOf(), authorization)
  const id = opened.headers['mcp-session-id']
  if (typeof id !== 'string') throw new Error(`no session: ${opened.status} ${opened.text}`)
  const headers = { ...authorization, 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }
  return {
    call: (id, name, args = {}) =>
      post(
        `${url}/mcp/${server}`,
        { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } },
        headers,
      ),
  }
}
