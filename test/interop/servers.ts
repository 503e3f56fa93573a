/** The servers: published ones from npm and the fixtures of the conformance suite, as programs and over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { serveDualHttp } from '../conformance/fixtures/dual-http.ts'
import { toolPath } from '../support/tools.ts'
import type { ScriptName } from './scripts.ts'

/** How somebody without a gateway reaches a server. */
export type Direct =
  | { readonly type: 'stdio'; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | { readonly type: 'http' | 'sse'; readonly url: string }

export interface InteropServer {
  readonly name: string
  readonly eras: readonly ('legacy' | 'modern')[]
  readonly script: ScriptName
  /** Its table in the gateway's configuration. */
  readonly toml: string
  readonly direct: Direct
}

export interface Cast {
  readonly servers: readonly InteropServer[]
  stop(): Promise<void>
}

const legacy = ['legacy'] as const
const both = ['legacy', 'modern'] as const

/** `folder` is for what the servers write. `files` is what the server for files may see. */
export async function startCast(folder: string, files: string): Promise<Cast> {
  await mkdir(join(files, 'fixed'), { recursive: true })
  await writeFile(join(files, 'fixed', 'note.txt'), 'one\ntwo ü\nthree\n')
  const everything = packageFile('@modelcontextprotocol/server-everything')
  const http = await startEverything(everything, 'streamableHttp')
  const sse = await startEverything(everything, 'sse')
  const dual = await serveDualHttp()
  const memory = { MEMORY_FILE_PATH: '/tmp/memory.jsonl' }
  const ownMemory = { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') }
  const servers: InteropServer[] = [
    local('everything', 'everything', legacy, [everything, 'stdio']),
    local('filesystem', 'filesystem', legacy, [packageFile('@modelcontextprotocol/server-filesystem'), files], {
      sandbox: `filesystem = [${JSON.stringify(files)}]`,
    }),
    local('memory', 'memory', legacy, [toolFile('server-memory')], { env: memory, directEnv: ownMemory }),
    local('thinking', 'thinking', legacy, [toolFile('server-sequential-thinking')]),
    local('dual', 'fixture', both, [fixture('dual')]),
    local('as-legacy', 'fixture', legacy, [fixture('dual')], { more: 'protocol = "legacy"' }),
    local('as-modern', 'fixture', both, [fixture('dual')], { more: 'protocol = "2026-07-28"' }),
    local('legacy', 'fixture', legacy, [fixture('legacy')]),
    remote('far-http', 'everything', legacy, `${http.origin}/mcp`, 'http'),
    remote('far-sse', 'everything', legacy, `${sse.origin}/sse`, 'sse'),
    remote('far-dual', 'fixture', both, dual.url, 'http'),
  ]
  return { servers, stop: async () => void (await Promise.all([http.stop(), sse.stop(), dual.stop()])) }
}

interface LocalMore {
  readonly env?: Readonly<Record<string, string>>
  readonly directEnv?: Readonly<Record<string, string>>
  readonly sandbox?: string
  readonly more?: string
}

function local(
  name: string,
  script: ScriptName,
  eras: InteropServer['eras'],
  args: readonly string[],
  { env = {}, directEnv = env, sandbox = '', more = '' }: LocalMore = {},
): InteropServer {
  const variables = Object.entries(env).map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
  const toml = `
[[servers]]
name = "${name}"
command = ${JSON.stringify(process.execPath)}
args = ${JSON.stringify(args)}
env = { ${variables.join(', ')} }
max_instances = 64
${more}
[servers.sandbox]
${sandbox}
`
  return { name, eras, script, toml, direct: { type: 'stdio', args, env: directEnv } }
}

function remote(
  name: string,
  script: ScriptName,
  eras: InteropServer['eras'],
  url: string,
  type: 'http' | 'sse',
): InteropServer {
  const toml = `\n[[servers]]\nname = "${name}"\ntype = "${type}"\nurl = ${JSON.stringify(url)}\nmax_instances = 64\n`
  return { name, eras, script, toml, direct: { type, url } }
}

function packageFile(name: string): string {
  const require = createRequire(import.meta.url)
  return join(dirname(require.resolve(`${name}/package.json`)), 'dist/index.js')
}

function toolFile(name: string): string {
  return toolPath(`@modelcontextprotocol/${name}/dist/index.js`)
}

function fixture(name: 'dual' | 'legacy'): string {
  return new URL(`../conformance/fixtures/${name}.js`, import.meta.url).pathname
}

/** By itself it listens on every address of the machine: `loopback.mjs` keeps it to this one, on any free port. */
async function startEverything(script: string, transport: 'sse' | 'streamableHttp') {
  const preload = new URL('../../../test/interop/loopback.mjs', import.meta.url)
  const child = spawn(process.execPath, ['--import', preload.href, script, transport], {
    env: { PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  process.once('exit', () => child.kill())
  const port = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`server-everything ${transport} ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, port] = /^listening on (\d+)$/.exec(line) ?? []
      if (port !== undefined) resolve(port)
    })
  })
  return { origin: `http://127.0.0.1:${port}`, stop: () => ended(child) }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners('exit').once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}
