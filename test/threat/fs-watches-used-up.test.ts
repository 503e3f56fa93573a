/** A server takes all the file watches that the kernel gives its user: nothing else of that user could watch files then. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const take = `
taken = 0
try:
    while taken < 1000:
        call('inotify_init1', 0)
        taken += 1
except OSError as error:
    tell('refused', errno.errorcode[error.errno])
tell('taken', taken)
tell('watches', int(read('/proc/sys/user/max_inotify_watches')))
act('raise', lambda: write('/proc/sys/user/max_inotify_instances', '1000'))
`

await enforceable(t, 'a server gets a share of the file watches of its user', async (t) => {
  t.strictSame(await attack(take), { refused: 'EMFILE', taken: 32, watches: 65_536, raise: 'EROFS' })
})
