/** Which scenarios the suite knows, and how to read what it says of them. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const revisions = ['2025-11-25', '2026-07-28'] as const
export type Revision = (typeof revisions)[number]

export interface Requirements {
  /** What conforming to the revision requires. */
  readonly scored: readonly string[]
  /** Run, but newer than the revision or beyond the suite's own reference server. */
  readonly unscored: readonly string[]
}

/** One check that did not succeed. */
export interface Finding {
  readonly id: string
  readonly message: string
}

export interface ScenarioResult {
  readonly scenario: string
  readonly scored: boolean
  readonly passed: boolean
  readonly failures: readonly Finding[]
  readonly warnings: readonly Finding[]
}

interface Check {
  readonly id: string
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO'
  readonly errorMessage?: string
}

/** Reads the answer of `conformance list --requirements`. Scenarios of extensions are left out: no fixture has any. */
export function parseRequirements(listing: string): Requirements {
  const servers = sectionOf(listing, /^Server scenarios/, /^\S/)
  const others = [...listing.matchAll(/^ {2}(\S+) \(\d+\):\n((?: {4}- .*\n?)*)/gm)]
  const unscored = others
    .filter(([, reason]) => reason !== 'extension')
    .flatMap(([, , lines = '']) => [...lines.matchAll(/- (\S+) \[server\]/g)].map(([, name = '']) => name))
  return { scored: [...servers.matchAll(/^ {2}- (\S+)$/gm)].map(([, name = '']) => name), unscored }
}

function sectionOf(text: string, first: RegExp, next: RegExp): string {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => first.test(line)) + 1
  const length = lines.slice(start).findIndex((line) => next.test(line))
  return lines.slice(start, length === -1 ? undefined : start + length).join('\n')
}

/** What the suite wrote for each of `wanted`. A scenario of which nothing was written has failed. */
export async function readResults(
  folder: string,
  wanted: readonly string[],
  scored: readonly string[],
): Promise<ScenarioResult[]> {
  const entries = await readdir(folder).catch((): string[] => [])
  const folders = new Map(entries.map((entry) => [scenarioOf(entry), join(folder, entry)]))
  return Promise.all(wanted.map(async (scenario) => resultOf(scenario, scored, await checksIn(folders.get(scenario)))))
}

/** Several runs of the same scenarios as one: what passed each time has passed, and what was found is told once. */
export function joined(rounds: readonly (readonly ScenarioResult[])[]): ScenarioResult[] {
  const [first = [], ...others] = rounds
  return first.map((result) => {
    const all = [result, ...others.flatMap((round) => round.filter(({ scenario }) => scenario === result.scenario))]
    const passed = all.length === rounds.length && all.every((one) => one.passed)
    const failures = distinct(all.flatMap((one) => one.failures))
    return { ...result, passed, failures, warnings: distinct(all.flatMap((one) => one.warnings)) }
  })
}

function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.id} ${finding.message}`, finding])).values()]
}

/** Folders are called server-SCENARIO-TIMESTAMP. */
function scenarioOf(folder: string): string {
  return folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '')
}

async function checksIn(folder: string | undefined): Promise<Check[]> {
  if (folder === undefined) return [{ id: 'not-run', status: 'FAILURE', errorMessage: 'The suite ended before it' }]
  return JSON.parse(await readFile(join(folder, 'checks.json'), 'utf8'))
}

/** Where no check fails, one must have succeeded: the suite itself counts a scenario that found nothing to test. */
function resultOf(scenario: string, scored: readonly string[], checks: readonly Check[]): ScenarioResult {
  const succeeded = checks.some(({ id, status }) => status === 'SUCCESS' && id !== 'wire-schema-valid')
  const failures = findings(checks, 'FAILURE')
  const passed = failures.length === 0 && succeeded
  return { scenario, scored: scored.includes(scenario), passed, failures, warnings: findings(checks, 'WARNING') }
}

function findings(checks: readonly Check[], wanted: Check['status']): Finding[] {
  return checks
    .filter(({ status }) => status === wanted)
    .map(({ id, errorMessage = 'no message' }) => ({ id, message: errorMessage }))
}
