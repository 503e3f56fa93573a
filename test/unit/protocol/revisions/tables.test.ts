/**
 * A published revision does not change, and neither does its table: `test/golden/revisions/` holds what each was when it was
 * written, and nothing rewrites that.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  isModernVersion,
  legacyVersions,
  modernVersions,
  newestLegacy,
  newestModern,
  revisionOf,
  revisions,
  sessionRevision,
} from '../../../../lib/protocol/revisions/index.ts'

// Sources are not copied beside the compiled test.
const folder = join(import.meta.dirname, '../../../../../test/golden/revisions')

for (const revision of revisions) {
  t.test(`${revision.version} is what it was when it was written`, async (t) => {
    t.strictSame(JSON.parse(JSON.stringify(revision)), read(`${revision.version}.json`))
  })

  t.test(`${revision.version} cannot be changed while the gateway runs`, async (t) => {
    for (const part of partsOf(revision)) t.ok(Object.isFrozen(part))
    t.throws(() => Object.assign(revision.client.capabilities, { more: [] }), TypeError)
  })
}

t.test('there is a table for each revision that was written down, and no other', async (t) => {
  const written = readdirSync(folder).map((name) => name.replace('.json', ''))
  t.same(revisions.map(({ version }) => version).sort(), written.sort())
})

t.test('the newest comes first, in each era', async (t) => {
  t.same(legacyVersions, ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])
  t.same(modernVersions, ['2026-07-28'])
  t.equal(newestLegacy.version, legacyVersions[0])
  t.equal(newestModern.version, modernVersions[0])
})

t.test('a revision is found by its name, and by nothing else', async (t) => {
  for (const revision of revisions) t.equal(revisionOf(revision.version), revision)
  for (const name of ['2024-10-07', '2099-01-01', '', '__proto__', null]) t.equal(revisionOf(name), null)
})

t.test('a session gets the revision that was asked for, or the newest that has sessions', async (t) => {
  for (const version of legacyVersions) t.equal(sessionRevision(version).version, version)
  for (const version of ['2024-10-07', '2026-07-28', 'latest', null]) t.equal(sessionRevision(version), newestLegacy)
})

t.test('a name is modern when it is a date from the first modern revision on, known or not', async (t) => {
  for (const version of ['2026-07-28', '2027-01-31']) t.ok(isModernVersion(version))
  for (const version of ['2026-07-27', '2025-11-25', 'zzzz', '2026-07-28x', '']) t.notOk(isModernVersion(version))
})

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'))
}

function partsOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return []
  return [value, ...Object.values(value).flatMap(partsOf)]
}
