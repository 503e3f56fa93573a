/** What `filesystem = "host-readonly"` covers on this host: credentials that exist, and sockets that somebody listens on. */
import { join } from 'node:path'
import { McpoError } from '../errors.ts'
import { isBelow, isInside } from '../policy/paths.ts'
import { accountSecrets, homeCredentials, systemCredentials } from '../policy/relax/host-readonly.ts'
import { privateFolders } from '../policy/rootfs.ts'
import { namesIn, realPathOf, textOf } from './look.ts'
import { listeningSockets, tooMany } from './sockets.ts'

const maxHomes = 64
const maxSockets = 512

/** What the policy's folders must not show by the way. */
export async function accountSecretsBelow(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(accountSecrets.map(realPathOf))
  return found.filter((path) => path !== null).filter((path) => folders.some((folder) => isBelow(path, folder)))
}

/** With symbolic links resolved. Homes that this user cannot read need no mask. */
export async function existingCredentials(): Promise<string[]> {
  const candidates = [...systemCredentials]
  for (const home of await homes()) candidates.push(...homeCredentials.map((name) => join(home, name)))
  const found = await Promise.all(candidates.map(realPathOf))
  return [...new Set(found.filter((path) => path !== null))].sort()
}

/** Canonical paths of the accounts' homes. */
export async function homeFolders(): Promise<string[]> {
  const found = await Promise.all((await homes()).map(realPathOf))
  return [...new Set(found.filter((path) => path !== null))]
}

/**
 * Sockets with a path in the file system, in folders that are shown and open to this user: others need no mask, and
 * could have none. Throws SANDBOX_ERROR where there are more than can be covered, or nobody can tell which there are.
 */
export async function shownSockets(): Promise<string[]> {
  const sockets = await listeningSockets()
  if (sockets === null) throw unknownSockets()
  const hidden = privateFolders({ kind: 'host-readonly' })
  const shown = sockets.filter((path) => !hidden.some((folder) => isInside(path, folder)))
  if (shown.length > maxSockets) throw tooMany(shown.length, 'shown folders of this host', maxSockets)
  return shown
}

function unknownSockets(): McpoError {
  return new McpoError(
    'SANDBOX_ERROR',
    'filesystem = "host-readonly" covers sockets, and /proc/self/net/unix, which lists them, cannot be read',
    {
      hint: 'grant the folders that the server works on instead',
      data: { step: 'sockets' },
    },
  )
}

async function homes(): Promise<string[]> {
  const accounts = (await textOf('/etc/passwd')) ?? ''
  const named = accounts.split('\n').map((line) => line.split(':')[5] ?? '')
  const listed = (await namesIn('/home')).map((name) => join('/home', name))
  const isHome = (path: string): boolean => path === '/root' || /^\/(home|Users|var\/home|srv\/home)\/[^/]+$/.test(path)
  return [...new Set(['/root', ...listed, ...named.filter(isHome), process.env['HOME'] ?? '/root'])].slice(0, maxHomes)
}
