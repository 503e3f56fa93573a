/** The suite's client scenarios that are not about authorization: what the gateway is to the servers behind it. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Revision, readResults, type ScenarioResult } from './scenarios.ts'
import { runSuite } from './suite.ts'

export const clientScenarios: Readonly<Record<Revision, readonly string[]>> = {
  '2025-11-25': [
    'initialize',
    'tools_call',
    'elicitation-sep1034-client-defaults',
    'sse-retry',
    'json-schema-2020-12-preservation',
  ],
  '2026-07-28': [
    'tools_call',
    'request-metadata',
    'http-standard-headers',
    'http-custom-headers',
    'http-invalid-tool-headers',
    'sep-2322-client-request-state',
    'json-schema-ref-no-deref',
    'json-schema-2020-12-preservation',
  ],
}

const scenarioTimeoutMs = 60_000
const client = new URL('./client.js', import.meta.url).pathname

/** Null: all of them. A client that fails has failed its scenario, whatever the checks say. */
export async function runClientScenarios(
  revision: Revision,
  scenarios: readonly string[] | null,
  folder: string,
): Promise<ScenarioResult[]> {
  await mkdir(folder, { recursive: true })
  const wanted = scenarios ?? clientScenarios[revision]
  const command = `${process.execPath} ${client}`
  const broken = new Set<string>()
  for (const scenario of wanted) {
    const args = ['client', '--command', command, '--scenario', scenario, '--spec-version', revision, '-o', folder]
    const { text } = await runSuite(args, scenarioTimeoutMs, join(folder, 'output.txt'))
    if (text.includes('CLIENT EXITED WITH ERROR')) broken.add(scenario)
  }
  const results = await readResults(folder, wanted, clientScenarios[revision])
  return results.map((result) => (broken.has(result.scenario) ? withFailure(result) : result))
}

function withFailure(result: ScenarioResult): ScenarioResult {
  const failure = { id: 'client-exit', message: 'The client ended with an error; see output.txt' }
  return { ...result, passed: false, failures: [...result.failures, failure] }
}
