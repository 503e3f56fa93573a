/** A gateway as people start it: `mcpo serve` with a configuration, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface GatewayProcess {
  /** Of `/mcp`. */
  readonly url: string
  readonly configuration: string
  /** For other processes of the same gateway's. */
  readonly env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

export const gatewayProgram = new URL('../../../bin/mcpo.js', import.meta.url).pathname
const startTimeoutMs = 120_000
const stopTimeoutMs = 60_000

/** `servers`: their tables, TOML. `folder` takes the configuration and the log. */
export async function startGatewayProcess(folder: string, servers: readonly string[]): Promise<GatewayProcess> {
  const configuration = join(folder, 'config.toml')
  const logFile = join(folder, 'gateway.log')
  await writeFile(configuration, ['[server]\nport = 0\n', ...servers].join('\n'), { mode: 0o600 })
  const env = environmentIn(folder)
  const child = spawn(process.execPath, [gatewayProgram, 'serve', '-c', configuration], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
  process.once('exit', () => child.kill())
  child.stderr.pipe(createWriteStream(logFile))
  return { url: await greetedUrl(child, logFile), configuration, env, stop: () => stop(child) }
}

/** The table of a server that runs elsewhere. */
export function remoteTable(name: string, url: string): string {
  return `
[[servers]]
name = ${JSON.stringify(name)}
url = ${JSON.stringify(url)}
`
}

/** MCPO_* stands above the configuration, and what is remembered from before would change what is tested. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('MCPO_'))
  return { ...Object.fromEntries(kept), STATE_DIRECTORY: join(folder, 'state') }
}

/** The gateway says on one line where it serves, once it does. */
async function greetedUrl(child: ChildProcess & { stdout: NonNullable<ChildProcess['stdout']> }, logFile: string) {
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs)
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^mcpo serves (\S+)/.exec(line)?.[1]
    if (url === undefined) continue
    clearTimeout(timer)
    child.stdout.resume()
    return url
  }
  clearTimeout(timer)
  throw new Error(`The gateway did not start; see ${logFile}`)
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    child.on('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
