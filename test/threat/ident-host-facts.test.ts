/** A server looks for what tells one host from another, and how it was started. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const names = [
  'cmdline',
  'consoles',
  'crypto',
  'devices',
  'diskstats',
  'dma',
  'interrupts',
  'misc',
  'partitions',
  'pressure/cpu',
]
const needed = ['cpuinfo', 'meminfo', 'stat', 'loadavg', 'uptime', 'version', 'filesystems']

/** FS_IOC_GETFSUUID, EXT4_IOC_GETFSUUID, FS_IOC_GETFSLABEL, FS_IOC_GETFSSYSFSPATH */
const disk = { id: 0x80111500, 'id of ext4': 0x8008662c, label: 0x81009431, folder: 0x80811501 }

const look = `
for name in names + needed:
    try:
        tell(name, len(read(f'/proc/{name}')) > 0)
    except OSError as error:
        tell(name, errno.errorcode[error.errno])
for name in ('hostname', 'domainname', 'random/boot_id'):
    tell(name, read(f'/proc/sys/kernel/{name}').strip())
tell('machine', read('/etc/machine-id').strip())
import fcntl
for name, request in disk.items():
    act(name, lambda: fcntl.ioctl(os.open('/usr', os.O_RDONLY), request, bytes(256)))
`

await enforceable(t, "the kernel's command line, devices and the host's names are not told", async (t) => {
  const found = await attack(look, { given: { names, needed, disk } })
  for (const name of names) t.match(String(found[name]), /^(false|ENOENT)$/, name)
  for (const name of needed) t.equal(found[name], true, `${name} is needed by programs`)
  t.equal(found['domainname'], '(none)')
  t.equal(found['hostname'], 'attack')
  t.not(found['hostname'], hostname())
  t.not(found['random/boot_id'], readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  for (const name of Object.keys(disk)) t.equal(found[name], 'EPERM', `${name} of a disk`)
  t.match(found['machine'], /^[0-9a-f]{32}$/)
})
