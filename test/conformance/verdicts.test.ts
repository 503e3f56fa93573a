import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { judge, parseExpectations, unknownExpectations } from './expectations.ts'
import { details, table, totalsOf } from './report.ts'
import { joined, parseRequirements, readResults, type ScenarioResult } from './scenarios.ts'
import { choose } from './select.ts'

const listing = `Required for 2025-11-25 (4 scenarios, frozen; run at the 2025-11-25 wire):

Server scenarios (test against a server):
  - ping
  - tools-list

Client scenarios (test against a client):
  - initialize

Run and reported, but never scored:
  extension (2):
    - auth/dpop [client]
    - tasks-lifecycle [server]
  pending (1):
    - server-sse-polling [server]
`
const requirements = new Map([
  ['2025-11-25' as const, { scored: ['ping', 'tools-list'], unscored: [] }],
  ['2026-07-28' as const, { scored: ['caching', 'tools-list'], unscored: ['http-header-validation'] }],
])

function result(scenario: string, passed: boolean): ScenarioResult {
  const failures = passed ? [] : [{ id: 'check', message: 'went wrong' }]
  return { scenario, scored: true, passed, failures, warnings: [] }
}

t.test('the listing of the suite says what is scored; scenarios of extensions and of clients are left out', (t) => {
  t.same(parseRequirements(listing), { scored: ['ping', 'tools-list'], unscored: ['server-sse-polling'] })
  t.end()
})

t.test('a scenario passes when no check fails and one succeeds', async (t) => {
  const folder = t.testdir()
  const write = async (scenario: string, ...checks: object[]) => {
    const place = join(folder, `server-${scenario}-2026-11-22T14-07-22-189Z`)
    await mkdir(place)
    await writeFile(join(place, 'checks.json'), JSON.stringify(checks))
  }
  const valid = { id: 'wire-schema-valid', status: 'SUCCESS' }
  await write('good', { id: 'a', status: 'SUCCESS' }, { id: 'b', status: 'WARNING', errorMessage: 'should' })
  await write('bad', { id: 'a', status: 'SUCCESS' }, { id: 'b', status: 'FAILURE', errorMessage: 'must' })
  await write('silent-2020-12', { id: 'a', status: 'INFO' }, valid)
  const results = await readResults(folder, ['good', 'bad', 'silent-2020-12', 'absent'], ['good', 'absent'])
  t.match(results, [
    { scenario: 'good', scored: true, passed: true, warnings: [{ id: 'b', message: 'should' }] },
    { scenario: 'bad', scored: false, passed: false, failures: [{ id: 'b', message: 'must' }] },
    { scenario: 'silent-2020-12', passed: false, failures: [] },
    { scenario: 'absent', scored: true, passed: false, failures: [{ id: 'not-run' }] },
  ])
})

t.test('a scenario that is repeated passes when it does each time', (t) => {
  const outcomes = (...passed: boolean[]) => joined(passed.map((it) => [result('ping', it)]))
  t.match(outcomes(true, true, true), [{ scenario: 'ping', passed: true, failures: [] }])
  t.match(outcomes(true, false, false), [{ passed: false, failures: [{ id: 'check' }] }])
  t.equal(outcomes(true, false, false)[0]?.failures.length, 1)
  t.match(joined([[result('ping', true)], []]), [{ passed: false }], 'one that did not run has not passed')
  t.end()
})

t.test('an expected failure is no failure, and an expectation that does not hold is one', (t) => {
  const expectations = parseExpectations('# why\n\ndual/2025-11-25:\n  ping: not built: later\n')
  const verdicts = [
    result('ping', false),
    result('ping', true),
    result('tools-list', false),
    result('tools-list', true),
  ]
  t.same(
    verdicts.map((verdict) => judge('dual/2025-11-25', verdict, expectations)),
    ['failed as expected', 'passed unexpectedly', 'failed', 'passed'],
  )
  t.equal(judge('legacy/2025-11-25', result('ping', false), expectations), 'failed')
  t.end()
})

t.test('a line of the expectations that is neither a run nor a scenario with a reason is refused', (t) => {
  t.throws(() => parseExpectations('dual/2025-11-25:\n  ping:\n'), /expected-failures.yml:2/)
  t.throws(() => parseExpectations('  ping: no run above\n'), /expected-failures.yml:1/)
  t.end()
})

t.test('expectations of what does not exist are found', (t) => {
  const expectations = parseExpectations('dual/2025-11-25:\n  pong: a\n  ping: a\nnobody/2025-11-25:\n  ping: a\n')
  const known = new Map([['dual/2025-11-25', ['ping']]])
  t.same(unknownExpectations(expectations, known), ['dual/2025-11-25 pong', 'nobody/2025-11-25'])
  t.end()
})

t.test('names choose runs, scenarios, or scenarios within runs', (t) => {
  const chosen = (...only: string[]) => choose(only, requirements).map(({ run, scenarios }) => [run, scenarios])
  t.equal(chosen().length, 14)
  t.same(chosen('dual/2026-07-28'), [['dual/2026-07-28', null]])
  t.same(chosen('legacy', 'ping'), [['legacy/2025-11-25', ['ping']]])
  t.same(chosen('2026-07-28', 'http-header-validation').length, 6)
  t.throws(() => chosen('pong'), /Nothing is called pong/)
  t.end()
})

t.test('the report counts scored scenarios per run and names each check that failed', (t) => {
  const results = [
    { ...result('ping', true), verdict: 'passed' as const },
    { ...result('tools-list', false), verdict: 'failed' as const },
    { ...result('caching', false), scored: false, verdict: 'failed as expected' as const },
  ]
  const reports = [{ run: 'dual/2025-11-25', results }]
  t.match(table(reports), /^scored +1\/2$/m)
  t.match(table(reports), /^caching +expected \(not scored\)$/m)
  t.match(details(reports, new Map()), /FAILED +dual\/2025-11-25 tools-list check: went wrong/)
  t.same(totalsOf(reports), { passed: 1, failed: 1, expected: 1 })
  t.end()
})
