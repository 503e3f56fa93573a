/** An addon that is older than its sources must not be used: what both say to each other may have changed. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { changedSince } from '../../../lib/native/built-from.ts'

const root = mkdtempSync(join(tmpdir(), 'mcpo-built-'))
t.teardown(() => rmSync(root, { recursive: true }))
mkdirSync(join(root, 'native'))
const record = join(root, 'built-from.json')
/** SHA-256 of "one" and of "two". */
const digests = {
  'native/one.cc': '7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed',
  'native/two.cc': '3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3',
}
const write = (name: string, text: string) => writeFileSync(join(root, 'native', name), text)

t.test('without a record of the build nothing is known to have changed', async (t) => {
  t.equal(changedSince(root, record), null)
})

t.test('a source that changed or went away since the build is named', async (t) => {
  writeFileSync(record, JSON.stringify(digests))
  write('one.cc', 'one')
  t.equal(changedSince(root, record), 'native/two.cc')
  write('two.cc', 'two')
  t.equal(changedSince(root, record), null)
  write('one.cc', 'another')
  t.equal(changedSince(root, record), 'native/one.cc')
  const later = new Date(Date.now() + 60_000)
  utimesSync(record, later, later)
  t.equal(changedSince(root, record), null, 'what was not written since then is not read')
})
