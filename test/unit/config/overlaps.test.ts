import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makePlace } from '../../support/place.ts'
import { refusalOf } from './harness.ts'

const entry = (name: string, filesystem: string, command = 'node'): string =>
  `[[servers]]\nname = "${name}"\ncommand = "${command}"\n[servers.sandbox]\nfilesystem = ${filesystem}\n`

t.test('a path below what another server may write is refused, with both names and places', async (t) => {
  for (const inner of ['["/srv/work/part"]', '["/srv/work/part:ro"]'])
    t.strictSame(await refusalOf(t, entry('outer', '["/srv/work"]') + entry('inner', inner)), [
      `config.toml:10:15: servers.inner.sandbox.filesystem.1 = ${inner.slice(1, -1)} (line 10) lies below what server "outer" may write, which could lead it elsewhere: servers.outer.sandbox.filesystem.1 = "/srv/work" (line 5); grant both the same folder, or move one of them`,
    ])
})

t.test('so is a program in it', async (t) => {
  const refused = await refusalOf(t, entry('outer', '["/srv/work"]') + entry('inner', '[]', '/srv/work/bin/tool'))
  t.match(refused, [/:8:11: servers\.inner\.command = .* is a program that server "outer" may rewrite: .*\(line 5\)/])
})

t.test('symbolic links are resolved', async (t) => {
  const place = makePlace(t)
  place.makeFolder('work/part')
  place.file('work/tool')
  const { folder } = place
  symlinkSync('work/part', join(folder, 'link'))
  symlinkSync('work/tool', join(folder, 'tool'))
  const outer = entry('outer', `["${folder}/work"]`)
  t.match(await refusalOf(t, outer + entry('inner', `["${folder}/link:ro"]`)), [
    /lies below what server "outer" may write/,
  ])
  t.match(await refusalOf(t, outer + entry('inner', '[]', `${folder}/tool`)), [/that server "outer" may rewrite/])
})

t.test('the same folder, folders side by side, read-only ones and one server alone are no matter', async (t) => {
  t.strictSame(await refusalOf(t, entry('alone', '["/srv/work", "/srv/work/own"]')), [])
  const outer = entry('outer', '["/srv/work"]')
  for (const other of ['["/srv/work"]', '["/srv/work:ro"]', '["/srv/worker"]'])
    t.strictSame(await refusalOf(t, outer + entry('other', other)), [])
  t.strictSame(await refusalOf(t, entry('outer', '["/srv/work:ro"]') + entry('inner', '["/srv/work/part"]')), [])
})

t.test('the command of a container is a path of its image; what it is granted is compared', async (t) => {
  const boxed = (filesystem: string) =>
    `${entry('boxed', filesystem, '/srv/work/server')}type = "container"\nimage = "localhost/box:1"\n`
  const outer = entry('outer', '["/srv/work"]')
  t.strictSame(await refusalOf(t, outer + boxed('[]')), [])
  t.match(await refusalOf(t, outer + boxed('["/srv/work/part"]')), [/lies below what server "outer" may write/])
})
