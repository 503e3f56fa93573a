/** What test/tools holds: programs that tests run, with a lock of their own and the Node that some of them need. */
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'

/** Where the compiled tests find the sources: dist/test/support → the project. */
const tools = new URL('../../../test/tools/', import.meta.url).pathname
const installTimeoutMs = 300_000
const versionTimeoutMs = 30_000

export const nodeOfTools = toolPath('node/bin/node')

/** A file of a package in test/tools. */
export function toolPath(file: string): string {
  return join(tools, 'node_modules', file)
}

/** Installs test/tools when something there is missing or another version. */
export async function ensureTools(): Promise<void> {
  if (await isInstalled()) return
  console.error('Installing test/tools (npm ci)')
  const install = run('npm', ['ci', '--prefix', tools, '--no-audit', '--no-fund'], installTimeoutMs)
  const output = await install.catch((error: Error): Output => ({ status: null, text: error.message }))
  if (output.status === 0 && (await isInstalled())) return
  throw new Error(
    `The tools of the tests could not be installed:\n${output.text.trim()}\n` +
      'hint: Run "npm ci --prefix test/tools" where npm reaches its registry and may run install scripts.',
  )
}

async function isInstalled(): Promise<boolean> {
  try {
    const { dependencies = {} } = await readJson(join(tools, 'package.json'))
    const { status } = await run(nodeOfTools, ['--version'], versionTimeoutMs)
    const found = await Promise.all(Object.keys(dependencies).map((name) => readJson(toolPath(`${name}/package.json`))))
    const wanted = Object.values(dependencies)
    return status === 0 && found.every(({ version = '' }, at) => `${version}.`.startsWith(`${wanted[at]}.`))
  } catch {
    return false
  }
}

async function readJson(path: string): Promise<{ version?: string; dependencies?: Record<string, string> }> {
  return JSON.parse(await readFile(path, 'utf8'))
}

export interface Output {
  /** Null when it was ended for taking too long. */
  readonly status: number | null
  readonly text: string
}

/** Runs a program to its end, stdout and stderr together, and appends them to the file `output`. */
export async function run(
  command: string,
  args: readonly string[],
  timeoutMs: number,
  output?: string,
): Promise<Output> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' })
  const file = output === undefined ? null : createWriteStream(output, { flags: 'a' })
  const pieces: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece: Buffer) => {
      pieces.push(piece)
      file?.write(piece)
    })
  }
  const status = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (file !== null) await finished(file.end())
  return { status, text: Buffer.concat(pieces).toString() }
}
