/** A gateway as people start it: `mcpo serve` with a configuration, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface GatewayProcess {
  readonly url: string
  stop(): Promise<void>
}

const program = new URL('../../../bin/mcpo.js', import.meta.url).pathname
const startTimeoutMs = 30_000
const stopTimeoutMs = 15_000

/** `servers`: their tables, TOML. `folder` takes the configuration and the log. */
export async function startGatewayProcess(folder: string, servers: readonly string[]): Promise<GatewayProcess> {
  const configuration = join(folder, 'config.toml')
  const logFile = join(folder, 'gateway.log')
  await writeFile(configuration, ['[server]\nport = 0\n', ...servers].join('\n'), { mode: 0o600 })
  const child = spawn(process.execPath, [program, 'serve', '-c', configuration], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // What it remembers of servers is of this run only.
    env: { ...withoutOwnVariables(process.env), STATE_DIRECTORY: join(folder, 'state') },
  })
  process.once('exit', () => child.kill())
  child.stderr.pipe(createWriteStream(logFile))
  return { url: await greetedUrl(child, logFile), stop: () => stop(child) }
}

/** The table of a server that runs elsewhere. */
export function remoteTable(name: string, url: string): string {
  return `
[[servers]]
name = ${JSON.stringify(name)}
url = ${JSON.stringify(url)}
`
}

/** MCPO_* stands above the configuration, and would change what is tested. */
function withoutOwnVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MCPO_')))
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
