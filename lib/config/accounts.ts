import { readFileSync } from 'node:fs'

/** What the host's account files say, as far as it is needed to know whose a group is. */
export interface Accounts {
  /** Name and primary group by uid. */
  readonly users: ReadonlyMap<number, { readonly name: string; readonly gid: number }>
  /** Members named by /etc/group, by gid. */
  readonly members: ReadonlyMap<number, readonly string[]>
}

export function readAccounts(): Accounts {
  return parseAccounts(readLines('/etc/passwd'), readLines('/etc/group'))
}

export function parseAccounts(passwd: readonly string[], group: readonly string[]): Accounts {
  const users = new Map<number, { name: string; gid: number }>()
  for (const [name = '', , uid, gid] of passwd.map((line) => line.split(':'))) {
    if (name !== '' && uid !== undefined && !users.has(Number(uid))) users.set(Number(uid), { name, gid: Number(gid) })
  }
  const members = new Map<number, string[]>()
  for (const [, , gid, names = ''] of group.map((line) => line.split(':'))) {
    if (gid === undefined) continue
    members.set(Number(gid), [...(members.get(Number(gid)) ?? []), ...names.split(',').filter((name) => name !== '')])
  }
  return { users, members }
}

/**
 * Whether nobody but its owner is in a group: the private group that distributions give each user, with umask 002.
 * An owner without an entry in /etc/passwd (a container) has the group of its own number. Accounts of a directory
 * service are not seen.
 */
export function isPrivateGroup(gid: number, owner: number, { users, members }: Accounts): boolean {
  const user = users.get(owner)
  if (gid !== (user?.gid ?? owner)) return false
  const isSharedAsPrimary = [...users].some(([uid, other]) => uid !== owner && other.gid === gid)
  return !isSharedAsPrimary && (members.get(gid) ?? []).every((name) => name === user?.name)
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
