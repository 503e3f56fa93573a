/** The official conformance suite: installed in test/tools, run by the Node that it needs. */
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { parseRequirements, type Requirements, type Revision, readResults, type ScenarioResult } from './scenarios.ts'

/** Where the compiled tests find the sources: dist/test/conformance → the project. */
const project = new URL('../../../', import.meta.url).pathname
const tools = join(project, 'test/tools')
const nodeOfSuite = join(tools, 'node_modules/node/bin/node')
const suitePackage = join(tools, 'node_modules/@modelcontextprotocol/conformance')

const installTimeoutMs = 300_000
const listTimeoutMs = 30_000
const runTimeoutMs = 240_000
const scenarioTimeoutMs = 30_000

export interface SuiteRun {
  readonly url: string
  readonly revision: Revision
  /** Scenarios to run one by one; null runs what the revision requires. */
  readonly scenarios: readonly string[] | null
  /** Takes output.txt and a folder per scenario. Made here. */
  readonly folder: string
}

/** Installs the suite when what is there is missing or another version. */
export async function ensureSuite(): Promise<void> {
  if (await isInstalled()) return
  console.error('Installing test/tools (npm ci)')
  const install = run('npm', ['ci', '--prefix', tools, '--no-audit', '--no-fund'], installTimeoutMs)
  const output = await install.catch((error: Error): Output => ({ status: null, text: error.message }))
  if (output.status === 0 && (await isInstalled())) return
  throw new Error(
    `The conformance suite could not be installed:\n${output.text.trim()}\n` +
      'hint: Run "npm ci --prefix test/tools" where npm reaches its registry and may run install scripts.',
  )
}

export async function requirementsOf(revision: Revision): Promise<Requirements> {
  const { text, status } = await runSuite(['list', '--requirements', revision], listTimeoutMs)
  const requirements = parseRequirements(text)
  if (status !== 0 || requirements.scored.length === 0) throw new Error(`No requirements for ${revision}:\n${text}`)
  return requirements
}

export async function runScenarios(
  { url, revision, scenarios, folder }: SuiteRun,
  { scored, unscored }: Requirements,
): Promise<ScenarioResult[]> {
  await mkdir(folder, { recursive: true })
  const common = ['server', '--url', url, '--timeout', String(scenarioTimeoutMs), '-o', folder]
  const output = join(folder, 'output.txt')
  if (scenarios === null) await runSuite([...common, '--requirements', revision], runTimeoutMs, output)
  for (const scenario of scenarios ?? []) {
    await runSuite([...common, '--scenario', scenario, '--spec-version', revision], runTimeoutMs, output)
  }
  return readResults(folder, scenarios ?? [...scored, ...unscored], scored)
}

async function isInstalled(): Promise<boolean> {
  try {
    const wanted = await readJson(join(tools, 'package.json'))
    const found = await readJson(join(suitePackage, 'package.json'))
    const { status } = await run(nodeOfSuite, ['--version'], listTimeoutMs)
    return status === 0 && wanted.dependencies?.['@modelcontextprotocol/conformance'] === found.version
  } catch {
    return false
  }
}

async function readJson(path: string): Promise<{ version?: string; dependencies?: Record<string, string> }> {
  return JSON.parse(await readFile(path, 'utf8'))
}

export function runSuite(args: readonly string[], timeoutMs: number, output?: string): Promise<Output> {
  return run(nodeOfSuite, [join(suitePackage, 'dist/index.js'), ...args], timeoutMs, output)
}

interface Output {
  /** Null when it was ended for taking too long. */
  readonly status: number | null
  readonly text: string
}

/** Runs a program to its end, stdout and stderr together, and appends them to the file `output`. */
async function run(command: string, args: readonly string[], timeoutMs: number, output?: string): Promise<Output> {
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
