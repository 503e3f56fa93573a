/** Who runs inside a guest. */
export interface GuestUser {
  readonly name: 'root' | 'user'
  readonly uid: number
}

const users: readonly GuestUser[] = [
  { name: 'root', uid: 0 },
  { name: 'user', uid: 1000 },
]

/** Both of them without names. Throws on a name that there is not. */
export function chooseUsers(names: readonly string[]): readonly GuestUser[] {
  const unknown = names.filter((name) => !users.some((user) => user.name === name))
  if (unknown.length > 0) throw new Error(`no user is called ${unknown.join(', ')}; there are root and user`)
  return names.length === 0 ? users : users.filter(({ name }) => names.includes(name))
}
