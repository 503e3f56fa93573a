import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { VerdictFile } from '../../../../lib/upstream/verdicts/file.ts'
import { silent } from '../../../fixtures/gateway.ts'

const [one, two] = ['1'.repeat(64), '2'.repeat(64)]

function place(t: Test) {
  const base = mkdtempSync(join(tmpdir(), 'mcpo-state-'))
  t.teardown(() => rmSync(base, { recursive: true, force: true }))
  const folder = join(base, 'state')
  const warnings: string[] = []
  const log = { ...silent, warn: (_: object, text: string) => void warnings.push(text) }
  const open = () => VerdictFile.open(folder, log)
  /** Puts a file there by hand. */
  const put = (text: string, mode = 0o600) => {
    mkdirSync(folder, { mode: 0o700, recursive: true })
    writeFileSync(join(folder, 'verdicts.json'), text, { mode })
    chmodSync(join(folder, 'verdicts.json'), mode)
  }
  return { base, folder, file: join(folder, 'verdicts.json'), warnings, open, put }
}

const fileOf = (verdicts: object) => JSON.stringify({ format: 1, verdicts })

t.test('what was noted is known to the next run, in a folder and a file of the user alone', async (t) => {
  const { folder, file, open, warnings } = place(t)
  const first = await open()
  t.equal(first.find(one), null)
  first.note(one, 'legacy')
  t.match(first.find(one), { era: 'legacy' }, 'at once')
  await first.written()
  t.match((await open()).find(one), { era: 'legacy' })
  t.same([statSync(folder).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600])
  t.same([readdirSync(folder), warnings], [['verdicts.json'], []], 'no draft is left')
})

t.test('two gateways keep what the other noted', async (t) => {
  const { open } = place(t)
  const [mine, other] = [await open(), await open()]
  mine.note(one, 'legacy')
  await mine.written()
  other.note(two, 'modern')
  await other.written()
  const next = await open()
  t.match([next.find(one), next.find(two)], [{ era: 'legacy' }, { era: 'modern' }])
})

t.test('a damaged file is told of once, and written anew', async (t) => {
  for (const text of [
    '',
    '{',
    '[]',
    '{"format":2,"verdicts":{}}',
    '{"format":1,"verdicts":[]}',
    'x'.repeat(2 * 1024 * 1024),
  ]) {
    const { open, put, warnings } = place(t)
    put(text)
    const file = await open()
    t.equal(file.find(one), null)
    file.note(one, 'modern')
    await file.written()
    t.match(warnings, [/is damaged/])
    t.match((await open()).find(one), { era: 'modern' })
    t.equal(warnings.length, 1)
  }
})

t.test('odd entries are left out, sound ones are not', async (t) => {
  const { open, put } = place(t)
  const at = Date.now() - 1000
  const future = { era: 'legacy', at: Date.now() + 60_000 }
  const odd = {
    __proto__: { era: 'legacy', at },
    x: { era: 'legacy', at },
    [two]: { era: 'other', at },
    ['3'.repeat(64)]: future,
  }
  put(fileOf({ ...odd, [one]: { era: 'legacy', at } }))
  const file = await open()
  t.same(
    [file.find(one), file.find(two), file.find('x'), file.find('3'.repeat(64))],
    [{ era: 'legacy', at }, null, null, null],
  )
})

t.test('no more than a thousand are kept, the youngest', async (t) => {
  const { open, put, file } = place(t)
  const key = (index: number) => index.toString(16).padStart(64, '0')
  const at = Date.now() - 5000
  put(
    fileOf(
      Object.fromEntries(Array.from({ length: 1024 }, (_, index) => [key(index), { era: 'legacy', at: at + index }])),
    ),
  )
  const verdicts = await open()
  verdicts.note(one, 'modern')
  await verdicts.written()
  const { verdicts: kept } = JSON.parse(readFileSync(file, 'utf8')) as { verdicts: object }
  t.same([Object.keys(kept).length, key(0) in kept, key(1) in kept, one in kept], [1024, false, true, true])
})

t.test('what others may write, and what is no file, is refused with a warning, and nothing is written', async (t) => {
  const spoils: Record<string, (of: ReturnType<typeof place>) => void> = {
    'a file that others may write': ({ put }) => put(fileOf({ [one]: { era: 'legacy', at: 1 } }), 0o622),
    'a folder that others may write': ({ put, folder }) => {
      put(fileOf({ [one]: { era: 'legacy', at: 1 } }))
      chmodSync(folder, 0o777)
    },
    'a link': ({ put, base, folder, file }) => {
      put('')
      rmSync(file)
      writeFileSync(join(base, 'elsewhere'), fileOf({ [one]: { era: 'legacy', at: 1 } }))
      symlinkSync(join(base, 'elsewhere'), join(folder, 'verdicts.json'))
    },
    'a folder in its place': ({ folder }) => mkdirSync(join(folder, 'verdicts.json'), { recursive: true, mode: 0o700 }),
    'no folder': ({ base }) => writeFileSync(join(base, 'state'), ''),
  }
  for (const [name, spoil] of Object.entries(spoils)) {
    const at = place(t)
    spoil(at)
    const file = await at.open()
    t.equal(file.find(one), null, name)
    file.note(two, 'legacy')
    await file.written()
    t.match(file.find(two), { era: 'legacy' }, 'in this run it is known')
    t.match(at.warnings, [/what servers speak is not remembered/])
    t.equal(at.warnings.length, 1)
    t.equal((await at.open()).find(two), null)
  }
})
