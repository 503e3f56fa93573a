/**
 * Names in a writable folder under which some later program, outside any sandbox, looks for code to run. A server that
 * wrote them would live on there. `sandbox/guards.ts` finds where they apply; the launcher keeps them read-only.
 */

/** What a policy can switch off, one by one: `relax/persistence.ts`. */
export const persistenceGuards = ['git', 'agents', 'editors', 'login'] as const

export type PersistenceGuard = (typeof persistenceGuards)[number]

/** A guarded name, relative to the folder that it counts in. */
export interface GuardedName {
  readonly guard: PersistenceGuard
  readonly path: string
  /**
   * What takes the name while it is absent. Where no text is given, an empty folder, which git does not see. A text says
   * to whoever reads it the same as no file would.
   */
  readonly text?: string
}

const note = '# Nothing: MCP-One holds this name while a server may write this folder.\n'

const agents = ['.mcp.json', '.claude', '.cursor']
const otherAgents = ['.codex', '.gemini', '.continue', '.windsurf', '.roo']
const editors = ['.vscode', '.idea']
const otherEditors = ['.zed', '.devcontainer', '.envrc']
const shells = ['.bashrc', '.profile', '.bash_profile', '.zshrc', '.zshenv', '.zprofile']
const otherShells = [
  '.bash_login',
  '.bash_logout',
  '.bash_aliases',
  '.zlogin',
  '.zlogout',
  '.kshrc',
  '.cshrc',
  '.tcshrc',
  '.login',
  '.config/fish',
]
const session = ['.xprofile', '.xsessionrc', '.xinitrc', '.pam_environment', '.gitconfig']
const sessionFolders = ['.ssh', '.config/autostart', '.config/systemd', '.config/environment.d', '.config/git']

/** Where one of these is absent, its shell reads the next, which must stay so. */
const passedOn: Readonly<Record<string, string>> = {
  '.bash_profile': 'if [ -f ~/.bash_login ]; then . ~/.bash_login; elif [ -f ~/.profile ]; then . ~/.profile; fi\n',
  '.bash_login': 'if [ -f ~/.profile ]; then . ~/.profile; fi\n',
  '.tcshrc': 'if ( -f ~/.cshrc ) source ~/.cshrc\n',
}

/** Held wherever they exist. */
export const existingNames: readonly GuardedName[] = [
  ...named('agents', [...agents, ...otherAgents]),
  ...named('editors', [...editors, ...otherEditors]),
  ...named('login', [...shells, ...otherShells]),
]

/** Taken where absent, in each granted folder and in each repository. The rest would be too many names in one folder. */
export const projectNames: readonly GuardedName[] = [
  ...named('agents', agents),
  ...named('editors', editors),
  ...named('login', shells),
]

/** Taken where absent in the home of an account: its shells and its desktop read them. */
export const homeNames: readonly GuardedName[] = [
  ...named('agents', [...agents, ...otherAgents]),
  ...named('editors', [...editors]),
  ...[...shells, ...otherShells, ...session].map((path): GuardedName => {
    return path.includes('/') ? { guard: 'login', path } : { guard: 'login', path, text: note + (passedOn[path] ?? '') }
  }),
  ...named('login', sessionFolders),
]

/**
 * In a folder that git takes for a repository's own. A `commondir` would name another folder's configuration; `.` is the
 * folder itself, as without one.
 */
export const gitNames: readonly GuardedName[] = [
  { guard: 'git', path: 'config', text: note },
  { guard: 'git', path: 'hooks' },
  { guard: 'git', path: 'config.worktree', text: note },
  { guard: 'git', path: 'commondir', text: '.\n' },
]

function named(guard: PersistenceGuard, paths: readonly string[]): GuardedName[] {
  return paths.map((path) => ({ guard, path }))
}
