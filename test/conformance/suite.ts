/** The official conformance suite: installed in test/tools, run by the Node that it needs. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeOfTools, type Output, run, toolPath } from '../support/tools.ts'
import { parseRequirements, type Requirements, type Revision, readResults, type ScenarioResult } from './scenarios.ts'

const suite = toolPath('@modelcontextprotocol/conformance/dist/index.js')
const listTimeoutMs = 120_000
const runTimeoutMs = 240_000
const scenarioTimeoutMs = 60_000

export interface SuiteRun {
  readonly url: string
  readonly revision: Revision
  /** Scenarios to run one by one; null runs what the revision requires. */
  readonly scenarios: readonly string[] | null
  /** Takes output.txt and a folder per scenario. Made here. */
  readonly folder: string
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

export function runSuite(args: readonly string[], timeoutMs: number, output?: string): Promise<Output> {
  return run(nodeOfTools, [suite, ...args], timeoutMs, output)
}
