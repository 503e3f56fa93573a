/** For tests of what passes between the mounts of a sandbox and the host's: on most hosts all mounts are shared ones. */
import { spawnSync } from 'node:child_process'

const mark = 'MCPO_SHARED_MOUNTS'

/**
 * Runs the test file again in a mount namespace of its own, whose mounts are shared as systemd has them, and ends this process
 * with its result. Inside, it does nothing. Call it before anything else.
 */
export function amongSharedMounts(file: string): void {
  if (process.env[mark] !== undefined) return
  const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps']
  const command = [...asUser, '--mount', '--propagation', 'shared', process.execPath, file]
  const { status, error } = spawnSync('unshare', command, { stdio: 'inherit', env: { ...process.env, [mark]: '1' } })
  if (error !== undefined) throw error
  process.exit(status ?? 1)
}
