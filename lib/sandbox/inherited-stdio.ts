/**
 * The caller's own stdin, stdout and stderr for a confined command. A descriptor is a way out of the sandbox: what can be
 * walked (a folder), reopened with more rights (a file), joined to another address or asked about the host's network (a
 * socket, which stays in the network namespace it was made in) or reaches hardware is not passed on.
 */
import { fstatSync, readFileSync, readlinkSync } from 'node:fs'
import { McpoError } from '../errors.ts'

export { isTerminal } from '../native/index.ts'

/** `pass`: given to the command as it is. Else the command gets a pipe, and we copy from or to the `file` or `socket`. */
export type StdioMode = 'pass' | 'file' | 'socket'

const names = ['standard input', 'standard output', 'standard error'] as const
/** O_PATH in fcntl.h: names a file without opening it. */
const pathOnlyFlag = 0o10000000
/** Terminals are harmless: no ioctl that types into one passes the system call filter. */
const harmlessDevices = /^\/dev\/(null|zero|full|random|urandom|tty|tty\d+|console|pts\/\d+|ttyS\d+|hvc\d+)$/

/** Throws INVALID_REQUEST for a descriptor that must not be passed on. */
export function stdioModes(): readonly [StdioMode, StdioMode, StdioMode] {
  return [modeOf(0), modeOf(1), modeOf(2)]
}

function modeOf(fd: 0 | 1 | 2): StdioMode {
  if (isPathOnly(fd)) throw refusal(fd, 'names a file without opening it (O_PATH)')
  const stats = fstatSync(fd)
  if (stats.isFile()) return 'file'
  if (stats.isFIFO()) return 'pass'
  if (stats.isSocket() && isJoinedLocally(stats.ino)) return 'socket'
  if (stats.isSocket()) throw refusal(fd, 'is a socket of the network, or one that is joined to nothing yet')
  if (stats.isDirectory()) throw refusal(fd, 'is a folder, through which the command could leave its sandbox')
  if (stats.isBlockDevice()) throw refusal(fd, 'is a block device')
  const target = targetOf(fd)
  if (stats.isCharacterDevice() && harmlessDevices.test(target)) return 'pass'
  throw refusal(fd, `is ${target}, neither a pipe, a file, a socket nor a terminal`)
}

function isPathOnly(fd: number): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
  return flags === undefined || (Number.parseInt(flags, 8) & pathOnlyFlag) !== 0
}

/**
 * A local stream or packet socket with somebody at its other end, as /proc/net/unix has it: type (1 stream, 5 packet),
 * state (3 connected) and inode are its fifth to seventh words.
 */
function isJoinedLocally(inode: number): boolean {
  const table = readFileSync('/proc/self/net/unix', 'utf8')
  return new RegExp(`^(?:\\S+ +){4}000[15] 03 +${inode}(?: |$)`, 'm').test(table)
}

function targetOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`)
}

function refusal(fd: 0 | 1 | 2, why: string): McpoError {
  return new McpoError('INVALID_REQUEST', `the ${names[fd]} ${why}`, {
    hint: 'give the command a pipe, a file, /dev/null or a terminal',
    data: { fd },
  })
}
