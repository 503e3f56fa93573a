/** `filesystem = "host-readonly"` shows the host: not its credentials, and nothing of it can be changed. */
import { existsSync, statSync } from 'node:fs'
import t from 'tap'
import { systemCredentials } from '../../lib/policy/relax/host-readonly.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'
import { lookAtMasked } from '../support/masked.ts'
import { makePlace } from '../support/place.ts'

const filesystem = { kind: 'host-readonly' } as const
const look = `${lookAtMasked}
act('public file', lambda: read('/etc/passwd'))
act('write', lambda: write('/etc/mcpo-new'))
act('write in /usr', lambda: write('/usr/mcpo-new'))
act('private tmp', lambda: write('/tmp/file'))
tell('tmp', os.listdir('/tmp'))
tell('sys', os.listdir('/sys'))
`
// What somebody without rights would see of these on the host; the rest needs no mask to be out of reach.
const readableHere = systemCredentials.filter((path) => existsSync(path) && (statSync(path).mode & 0o004) !== 0)

await enforceable(t, 'the credentials of the system are empty, and what is public can be read', async (t) => {
  const place = makePlace(t)
  t.ok(readableHere.length > 0, 'there is something to mask')
  const found = await attack(look, { filesystem, given: { masked: readableHere } })
  for (const path of readableHere) t.equal((found[path] as string | string[]).length, 0, path)
  t.match(found, {
    'public file': 'allowed',
    write: /^E(ROFS|ACCES)$/,
    'write in /usr': /^E(ROFS|ACCES)$/,
    'private tmp': 'allowed',
  })
  t.notOk((found['tmp'] as string[]).includes(place.folder.split('/').at(-1) ?? ''), 'the tmp of the host is not there')
  t.same(found['sys'], [])
})
