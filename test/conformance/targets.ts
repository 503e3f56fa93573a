/** What the suite is run against: the fixture by itself, and the gateway in front of each fixture. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { serveDualHttp } from './fixtures/dual-http.ts'

export const targetNames = ['direct', 'dual', 'legacy', 'dual-as-legacy', 'dual-as-modern', 'remote'] as const
export type TargetName = (typeof targetNames)[number]

export interface Targets {
  readonly urls: Readonly<Record<TargetName, string>>
  stop(): Promise<void>
}

const gatewayProgram = new URL('../../../bin/mcpo.js', import.meta.url).pathname
const startTimeoutMs = 30_000
const stopTimeoutMs = 15_000

/** Starts all of them on free ports of the loopback interface. `folder` takes the configuration and the log. */
export async function startTargets(folder: string): Promise<Targets> {
  const direct = await serveDualHttp()
  try {
    const gateway = await startGateway(folder, direct.url)
    const urls = {
      direct: direct.url,
      dual: `${gateway.url}/dual`,
      legacy: `${gateway.url}/legacy`,
      'dual-as-legacy': `${gateway.url}/dual-as-legacy`,
      'dual-as-modern': `${gateway.url}/dual-as-modern`,
      remote: `${gateway.url}/remote`,
    }
    return { urls, stop: async () => void (await Promise.all([direct.stop(), stopGateway(gateway.child)])) }
  } catch (error) {
    await direct.stop()
    throw error
  }
}

async function startGateway(folder: string, remoteUrl: string): Promise<{ child: ChildProcess; url: string }> {
  const configuration = join(folder, 'config.toml')
  const logFile = join(folder, 'gateway.log')
  await writeFile(configuration, [...servers, remoteServer(remoteUrl)].join('\n'), { mode: 0o600 })
  const child = spawn(process.execPath, [gatewayProgram, 'serve', '-c', configuration], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...withoutOwnVariables(process.env), STATE_DIRECTORY: join(folder, 'state') },
  })
  process.once('exit', () => child.kill())
  child.stderr.pipe(createWriteStream(logFile))
  return { child, url: await greetedUrl(child, logFile) }
}

const servers = [
  '[server]\nport = 0\n',
  server('dual', 'dual'),
  server('legacy', 'legacy'),
  server('dual-as-legacy', 'dual', 'protocol = "legacy"'),
  server('dual-as-modern', 'dual', 'protocol = "2026-07-28"'),
]

function server(name: string, script: 'dual' | 'legacy', more = ''): string {
  const path = new URL(`./fixtures/${script}.js`, import.meta.url).pathname
  return `
[[servers]]
name = ${JSON.stringify(name)}
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(path)}]
${more}
`
}

/** The dual-era fixture again, over HTTP. */
function remoteServer(url: string): string {
  return `
[[servers]]
name = "remote"
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

function stopGateway(child: ChildProcess): Promise<void> {
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
