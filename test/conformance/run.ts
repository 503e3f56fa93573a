/**
 * Runs the official conformance suite against the gateway: `npm run test:conformance -- [--only NAME]… [--repeat TIMES] [--json]`.
 * NAME is a target (direct, dual, legacy, dual-as-legacy, dual-as-modern, remote, clients), a revision, both
 * (dual/2026-07-28), or a scenario. A scenario that is repeated passes when it does each time.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureTools } from '../support/tools.ts'
import { runClientScenarios } from './clients.ts'
import { type Expectations, judge, readExpectations, unknownExpectations } from './expectations.ts'
import { details, type RunReport, type Totals, table, totalsOf } from './report.ts'
import { joined, type Requirements, type Revision, revisions, type ScenarioResult } from './scenarios.ts'
import { type Choice, choose } from './select.ts'
import { requirementsOf, runScenarios } from './suite.ts'
import { startTargets } from './targets.ts'

const maxTimes = 100

// What was started is ended on the way out, which a signal alone would skip.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

try {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      repeat: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    },
  })
  process.exitCode = (await main(values.only, timesOf(values.repeat), values.json)) ? 0 : 1
} catch (error) {
  console.error(`test:conformance: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function main(only: readonly string[], times: number, json: boolean): Promise<boolean> {
  await ensureTools()
  const requirements = new Map<Revision, Requirements>()
  for (const revision of revisions) requirements.set(revision, await requirementsOf(revision))
  const choices = choose(only, requirements)
  const expectations = await readExpectations()
  ensureKnown(expectations, choose([], requirements))
  const folder = await mkdtemp(join(tmpdir(), 'mcpo-conformance-'))
  const outcomes = await runAll(choices, requirements, { folder, times })
  const reports = outcomes.map(({ run, results }) => ({
    run,
    results: results.map((result) => ({ ...result, verdict: judge(run, result, expectations) })),
  }))
  const totals = totalsOf(reports)
  print(reports, totals, expectations, json)
  if (totals.failed === 0) await rm(folder, { recursive: true })
  else console.error(`What the suite and the gateway wrote is in ${folder}`)
  const summary = `${totals.passed} passed, ${totals.failed} failed`
  if (json) console.error(summary)
  else console.log(summary)
  return totals.failed === 0
}

/** Names that no longer exist would otherwise hide in the list. */
function ensureKnown(expectations: Expectations, all: readonly Choice[]): void {
  const unknown = unknownExpectations(expectations, new Map(all.map(({ run, known }) => [run, known])))
  if (unknown.length > 0) throw new Error(`expected-failures.yml names what does not exist: ${unknown.join(', ')}`)
}

function print(reports: readonly RunReport[], totals: Totals, expectations: Expectations, json: boolean): void {
  const parts = [table(reports), details(reports, expectations), `${totals.expected} failed as expected`]
  if (json) console.log(JSON.stringify({ totals, reports }, null, 2))
  else console.log(parts.filter((part) => part !== '').join('\n\n'))
}

interface Matrix {
  readonly folder: string
  readonly times: number
}

async function runAll(
  choices: readonly Choice[],
  requirements: ReadonlyMap<Revision, Requirements>,
  { folder, times }: Matrix,
) {
  const targets = await startTargets(folder)
  const outcomes: { run: string; results: ScenarioResult[] }[] = []
  try {
    for (const { run, target, revision, scenarios } of choices) {
      console.error(`Running ${run}`)
      const required = requirements.get(revision) ?? { scored: [], unscored: [] }
      const rounds: ScenarioResult[][] = []
      for (let round = 1; round <= times; round += 1) {
        const into = join(folder, target, revision, String(round))
        const suiteRun = { revision, scenarios, folder: into }
        if (target === 'clients') rounds.push(await runClientScenarios(revision, scenarios, into))
        else rounds.push(await runScenarios({ ...suiteRun, url: targets.urls[target] }, required))
      }
      outcomes.push({ run, results: joined(rounds) })
    }
  } finally {
    await targets.stop()
  }
  return outcomes
}

function timesOf(text: string): number {
  const times = Number(text)
  if (Number.isInteger(times) && times >= 1 && times <= maxTimes) return times
  throw new Error(`--repeat takes a number from 1 to ${maxTimes}, not ${JSON.stringify(text)}`)
}
