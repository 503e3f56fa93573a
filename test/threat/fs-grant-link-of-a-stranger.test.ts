/** Another account of this machine turns a granted path into a link to what only the gateway may read. */
import { lchownSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const stranger = 54_321
const look = "act('read', lambda: read(f'{granted}/secret'))"
const asRoot = process.getuid?.() === 0 ? {} : { skip: 'giving a link away takes root' }

t.test('a link that a stranger made is refused, on the path and above it', asRoot, async (t) => {
  const place = makePlace(t)
  place.file('closed/inner/secret')
  for (const [link, to, granted] of [
    ['last', 'closed', 'last'],
    ['above', 'closed', 'above/inner'],
  ] as const) {
    symlinkSync(to, join(place.folder, link))
    lchownSync(join(place.folder, link), stranger, stranger)
    for (const access of ['', ':ro'])
      await t.rejects(
        attack(look, { filesystem: paths(join(place.folder, granted) + access), given: { granted: place.folder } }),
        { code: 'CONFIG_ERROR', message: /user 54321 decides where the link/, hint: /the path that it leads to/ },
      )
  }
})

await enforceable(t, "a link of the gateway's own user is followed", async (t) => {
  const place = makePlace(t)
  place.file('closed/secret')
  const granted = join(place.folder, 'link')
  symlinkSync('closed', granted)
  t.same(await attack(look, { filesystem: paths(granted), given: { granted } }), { read: 'allowed' })
})
