/** Symbolic links that lead out of a writable folder: some were there before, some the server makes. */
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const ways = `
os.symlink(secret, f'{granted}/made')
os.symlink('../closed', f'{granted}/made-folder')
os.symlink('inside', f'{granted}/made-inside')
act('link of the host', lambda: read(f'{granted}/old'))
act('folder link of the host', lambda: read(f'{granted}/old-folder/secret'))
act('own link', lambda: read(f'{granted}/made'))
act('own link, written', lambda: write(f'{granted}/made'))
act('own folder link', lambda: read(f'{granted}/made-folder/secret'))
act('own folder link, created in', lambda: write(f'{granted}/made-folder/new'))
act('dots', lambda: read(f'{granted}/../closed/secret'))
act('link within', lambda: read(f'{granted}/made-inside'))
`

await enforceable(t, 'a link out of the granted folder leads nowhere', async (t) => {
  const place = makePlace(t)
  const secret = place.file('closed/secret')
  const inside = place.file('open/inside')
  const open = join(inside, '..')
  symlinkSync(secret, join(open, 'old'))
  symlinkSync('../closed', join(open, 'old-folder'))
  const { 'link within': within, ...found } = await attack(ways, {
    filesystem: paths(open),
    given: { granted: open, secret },
  })
  t.equal(within, 'allowed')
  t.equal(Object.keys(found).length, 7)
  // Writing through the link would make the file in the server's own empty folder tree, which is read-only.
  for (const [act, outcome] of Object.entries(found)) t.match(outcome, /^E(NOENT|ROFS)$/, act)
})
