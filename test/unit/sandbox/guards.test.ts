import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { lookThroughGrants } from '../../../lib/sandbox/guards.ts'
import { makePlace } from '../../support/place.ts'

const rw = (path: string) => ({ path, written: path, access: 'rw' as const })

t.test('a socket in a granted folder is worth a note, a plain file is not', async (t) => {
  const place = makePlace(t)
  place.file('sub/plain')
  t.strictSame((await lookThroughGrants([rw(place.folder)], [])).notes, [])
  const socket = join(place.folder, 'sub/agent.sock')
  const listener = createServer().listen(socket)
  t.teardown(() => listener.close())
  await new Promise((resolve) => listener.once('listening', resolve))
  for (const access of ['rw', 'ro'] as const) {
    const { notes } = await lookThroughGrants([{ ...rw(place.folder), access }], [])
    t.match(notes, [new RegExp(`can connect to the socket ${socket}`)])
  }
})

t.test('nothing is guarded in what is granted read-only, nor what the policy allows', async (t) => {
  const place = makePlace(t)
  t.strictSame((await lookThroughGrants([{ ...rw(place.folder), access: 'ro' }], [])).guarded, [])
  t.strictSame((await lookThroughGrants([rw(place.folder)], ['git', 'agents', 'editors', 'login'])).guarded, [])
})

t.test('three levels are looked through; more folders than there is time for are said to be so', async (t) => {
  const place = makePlace(t)
  place.file('1/2/3/.vscode/tasks.json')
  place.file('1/2/3/4/.vscode/tasks.json')
  const found = await lookThroughGrants([rw(place.folder)], [])
  t.ok(found.guarded.some(({ path }) => path.endsWith('/3/.vscode')))
  t.notOk(found.guarded.some(({ path }) => path.endsWith('/4/.vscode')))
  t.strictSame(found.notes, [])
  for (let index = 0; index < 512; index++) place.makeFolder(`many/${index}`)
  t.match((await lookThroughGrants([rw(place.folder)], [])).notes, [/is large: far down in it/])
})

t.test('too many names: repositories come first, and the rest is counted', async (t) => {
  const place = makePlace(t)
  for (let index = 0; index < 60; index++) place.makeFolder(`r${index}/.git`)
  const { guarded, notes } = await lookThroughGrants([rw(place.folder)], [])
  t.equal(guarded.length, 400)
  t.equal(guarded.filter(({ path }) => path.endsWith('/.git/hooks')).length, 60)
  t.match(notes, [/^\d+ names in the granted folders .* are not guarded: 400 are the most/])
})
