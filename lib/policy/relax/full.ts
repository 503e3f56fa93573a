/**
 * `filesystem = "full"`: the host's tree, read-write, with the rights of the server's user.
 *
 * Reason: a server that administers this account's files, trusted by whoever writes this line.
 * Risk: it reads every credential, and writes shell start-up files, cron tables and the like, and so runs code outside
 * the sandbox at the next login. The gateway's own files alone stay closed. A gateway started as root gives the
 * server an unprivileged uid, hence only the rights of "others".
 */
import type { Relaxation } from './relaxation.ts'

export const fullFilesystem: Relaxation = {
  setting: 'filesystem = "full"',
  applies: (policy) => policy.filesystem.kind === 'full',
  leaves: { 'fs-read': 'none', 'fs-write': 'none' },
  risk: "the server reads and writes every file that its user may, except the gateway's own",
}
