/** Another account of this machine turns a granted path into a link to what only the gateway may read. As root, who alone gives links away. */
import { lchownSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { attack, paths } from '../support/attack.ts'
import { asRoot } from '../support/must-enforce.ts'
import { makePlace } from '../support/place.ts'

const stranger = 54_321
const look = "act('read', lambda: read(f'{granted}/secret'))"

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
