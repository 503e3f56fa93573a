/** What of the whole matrix is to be run. */
import { clientScenarios } from './clients.ts'
import { type Requirements, type Revision, revisions } from './scenarios.ts'
import { type TargetName, targetNames } from './targets.ts'

export interface Choice {
  /** Target and revision: dual/2026-07-28. */
  readonly run: string
  /** `clients`: the suite's servers are behind the gateway, and its client scenarios are played through it. */
  readonly target: TargetName | 'clients'
  readonly revision: Revision
  /** Null: all of them. */
  readonly scenarios: readonly string[] | null
  /** All scenarios there are in this run. */
  readonly known: readonly string[]
}

/** Without names, everything. A name that nothing is called is an error. */
export function choose(only: readonly string[], requirements: ReadonlyMap<Revision, Requirements>): Choice[] {
  const servers = targetNames.flatMap((target) => revisions.map((revision) => runOf(target, revision, requirements)))
  const runs = [...servers, ...revisions.map(clientsOf)]
  const isRun = (name: string) => runs.some((run) => namesOf(run).includes(name))
  const scenarios = only.filter((name) => !isRun(name))
  const unknown = scenarios.filter((name) => !runs.some(({ known }) => known.includes(name)))
  if (unknown.length > 0) throw new Error(`Nothing is called ${unknown.join(', ')}`)
  const runNames = only.filter(isRun)
  return runs
    .filter((run) => runNames.length === 0 || namesOf(run).some((name) => runNames.includes(name)))
    .map((run) => ({ ...run, scenarios: only.length === runNames.length ? null : known(run, scenarios) }))
    .filter((run) => run.scenarios === null || run.scenarios.length > 0)
}

function runOf(
  target: TargetName,
  revision: Revision,
  requirements: ReadonlyMap<Revision, Requirements>,
): Omit<Choice, 'scenarios'> {
  const { scored, unscored } = requirements.get(revision) ?? { scored: [], unscored: [] }
  return { run: `${target}/${revision}`, target, revision, known: [...scored, ...unscored] }
}

function clientsOf(revision: Revision): Omit<Choice, 'scenarios'> {
  return { run: `clients/${revision}`, target: 'clients', revision, known: clientScenarios[revision] }
}

function namesOf({ run, target, revision }: Omit<Choice, 'scenarios'>): string[] {
  return [run, target, revision]
}

function known({ known }: Omit<Choice, 'scenarios'>, scenarios: readonly string[]): string[] {
  return scenarios.filter((scenario) => known.includes(scenario))
}
