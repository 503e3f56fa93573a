/** For tests of refused addresses: nothing leaves this machine even if the refusal fails. */
import { spawnSync } from 'node:child_process'

const mark = 'MCPO_WITHOUT_ROUTE'
const loopbackUp = `
import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh14x', b'lo', 0x41))
os.execv(sys.argv[1], sys.argv[1:])
`

/**
 * Runs the test file again in a network namespace that has a loopback and no route, and ends this process with its result.
 * Inside, it does nothing. Call it before anything else.
 */
export function withoutRoute(file: string): void {
  if (process.env[mark] !== undefined) return
  const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps']
  const command = [...asUser, '--net', 'python3', '-c', loopbackUp, process.execPath, file]
  const { status, error } = spawnSync('unshare', command, { stdio: 'inherit', env: { ...process.env, [mark]: '1' } })
  if (error !== undefined) throw error
  process.exit(status ?? 1)
}
