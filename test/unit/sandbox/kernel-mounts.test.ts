import t from 'tap'
import { kernelMountsBelow } from '../../../lib/sandbox/kernel-mounts.ts'
import { parseMounts } from '../../../lib/sandbox/mountinfo.ts'

const mounts = parseMounts(
  [
    '27 1 254:0 / / rw - ext4 /dev/vda rw',
    '28 27 0:5 / /proc rw - proc proc rw',
    '40 27 0:5 / /srv/root\\040x/proc rw,nosuid - proc proc rw',
    '41 27 0:6 / /srv/root\\040x/sys rw shared:1 master:2 - sysfs sysfs rw',
    '42 27 0:7 / /srv/root\\040x/tmp rw - tmpfs tmpfs rw',
    '43 27 0:5 / /srv/covered rw - proc proc rw',
    '44 43 254:0 / /srv/covered rw - ext4 /dev/vda rw',
  ].join('\n'),
)

const grant = (path: string) => ({ path, written: path, access: 'ro' as const })

t.test('what the kernel mounted below a granted folder is found, and nothing else', async (t) => {
  t.strictSame(kernelMountsBelow([grant('/srv/root x')], mounts), ['/srv/root x/proc', '/srv/root x/sys'])
  t.strictSame(kernelMountsBelow([grant('/srv/root x/tmp'), grant('/home')], mounts), [])
})

t.test('a grant in such a file system is refused, one in what covers it is not', async (t) => {
  t.throws(() => kernelMountsBelow([grant('/srv/root x/proc/1')], mounts), {
    code: 'CONFIG_ERROR',
    message: /\(proc\)/,
  })
  t.throws(() => kernelMountsBelow([grant('/srv/root x/sys')], mounts), {
    code: 'CONFIG_ERROR',
    message: /\(sysfs\)/,
  })
  t.doesNotThrow(() => kernelMountsBelow([grant('/srv/covered/folder')], mounts))
})
