import { join } from 'node:path'
import t from 'tap'
import { canonical } from '../../../lib/sandbox/canonical.ts'
import { makeTree } from './tree.ts'

t.test('links are resolved and named, each where it really lies', async (t) => {
  const folder = makeTree(t, { 'real/deep/file': '', link: { to: 'real' }, 'real/again': { to: './deep' } })
  t.same(await canonical(join(folder, 'link/again/file')), {
    path: join(folder, 'real/deep/file'),
    links: [join(folder, 'link'), join(folder, 'real/again')],
  })
})

t.test('what does not exist is resolved as far as it does', async (t) => {
  const folder = makeTree(t, { 'real/x': '', link: { to: 'real' }, dangling: { to: 'nowhere' } })
  t.same(await canonical(join(folder, 'link/new/file')), {
    path: join(folder, 'real/new/file'),
    links: [join(folder, 'link')],
  })
  t.same(await canonical(join(folder, 'dangling/file')), {
    path: join(folder, 'nowhere/file'),
    links: [join(folder, 'dangling')],
  })
})

t.test('a circle of links is an error', async (t) => {
  const folder = makeTree(t, { a: { to: 'b' }, b: { to: 'a' } })
  await t.rejects(canonical(join(folder, 'a')), { code: 'CONFIG_ERROR' })
})
