/** Which mounts may leave a look without an answer. Pure. */

/** File systems of this machine alone: they answer, or fail. */
const local = new Set(
  [
    'bpf binfmt_misc bcachefs btrfs cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs erofs exfat ext2 ext3 ext4',
    'f2fs fusectl hugetlbfs iso9660 mqueue overlay proc pstore ramfs rootfs securityfs selinuxfs squashfs sysfs tmpfs',
    'tracefs vfat xfs zfs nsfs',
  ].flatMap((line) => line.split(' ')),
)

/** An automount of systemd's own. */
const harmlessAutomount = '/proc/sys/fs/binfmt_misc'

/** Network file systems, FUSE, and whatever else is not known to be local. `mountinfo`: see proc_pid_mountinfo(5). */
export function mayHang(mountinfo: string): boolean {
  return mountinfo.split('\n').some((line) => {
    const [mount = '', fileSystem = ''] = line.split(' - ')
    const [type = ''] = fileSystem.split(' ')
    const isHarmless = type === 'autofs' && mount.split(' ')[4] === harmlessAutomount
    return line !== '' && !local.has(type) && !isHarmless
  })
}
