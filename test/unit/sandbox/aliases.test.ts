import t from 'tap'
import { aliasesOf } from '../../../lib/sandbox/aliases.ts'
import { parseMounts } from '../../../lib/sandbox/mountinfo.ts'

const mounts = parseMounts(
  [
    '27 1 254:0 / / rw - ext4 /dev/vda rw',
    '40 27 254:1 / /home rw - ext4 /dev/vdb rw',
    '41 27 254:1 / /mnt/all rw - ext4 /dev/vdb rw',
    '42 27 254:1 /u /srv/of\\040u rw - ext4 /dev/vdb rw',
    '43 27 254:1 /u/.config/mcp-one/deep /srv/deep rw - ext4 /dev/vdb rw',
    '44 27 254:1 /other /srv/other rw - ext4 /dev/vdb rw',
  ].join('\n'),
)

t.test('a file system that is mounted twice shows a file under each', async (t) => {
  t.same(aliasesOf('/home/u/.config/mcp-one', mounts).sort(), [
    '/mnt/all/u/.config/mcp-one',
    '/srv/deep',
    '/srv/of u/.config/mcp-one',
  ])
})

t.test('from whichever side one looks', async (t) => {
  t.same(aliasesOf('/srv/of u/x', mounts).sort(), ['/home/u/x', '/mnt/all/u/x'])
})

t.test('a file that is mounted once has no alias', async (t) => {
  t.same(aliasesOf('/etc/mcp-one', mounts), [])
  t.same(aliasesOf('/etc/mcp-one', parseMounts('')), [])
})
