import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { lookThroughGrants } from '../../../lib/sandbox/guards.ts'
import { makePlace } from '../../support/place.ts'

const rw = (path: string) => ({ path, written: path, access: 'rw' as const })

t.test('a socket that somebody listens on is covered, and told; a plain file is not', async (t) => {
  const place = makePlace(t)
  place.file('sub/plain')
  t.match(await lookThroughGrants([rw(place.folder)], []), { covered: [], notes: [] })
  const socket = join(place.folder, 'sub/agent.sock')
  const listener = createServer().listen(socket)
  t.teardown(() => listener.close())
  await once(listener, 'listening')
  for (const access of ['rw', 'ro'] as const) {
    const { covered, notes } = await lookThroughGrants([{ ...rw(place.folder), access }], [])
    t.strictSame(covered, [socket])
    t.match(notes, [new RegExp(`cannot connect to the socket ${socket}`)])
  }
  const own = await lookThroughGrants([rw(place.folder), rw(socket)], [])
  t.match(own, { covered: [], notes: [] }, 'one that is granted by its own path is meant')
})

t.test('more sockets than can be covered refuse the start', async (t) => {
  const place = makePlace(t)
  const listeners = Array.from({ length: 257 }, (_, index) =>
    createServer().listen(join(place.folder, `${index}.sock`)),
  )
  t.teardown(() => {
    for (const listener of listeners) listener.close()
  })
  await Promise.all(listeners.map((listener) => once(listener, 'listening')))
  await t.rejects(lookThroughGrants([rw(place.folder)], []), { code: 'SANDBOX_ERROR', message: /257 sockets/ })
})

t.test('nothing is guarded in what is granted read-only, nor what the policy allows', async (t) => {
  const place = makePlace(t)
  t.strictSame((await lookThroughGrants([{ ...rw(place.folder), access: 'ro' }], [])).guarded, [])
  t.strictSame((await lookThroughGrants([rw(place.folder)], ['git', 'agents', 'editors', 'login'])).guarded, [])
})

t.test('a file that is granted for writing has no names below it to guard', async (t) => {
  const found = await lookThroughGrants([rw(makePlace(t).file('notes.txt'))], [])
  t.strictSame(found, { guarded: [], covered: [], notes: [] })
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
