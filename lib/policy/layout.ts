/** What compilation needs to know of this host's file system, as data. `sandbox/layout.ts` and `sandbox/command.ts` read it. */
import type { PathGrant } from './model.ts'

export interface HostLayout {
  /** Folders of the system that are real ones: `/usr`, and `/bin`, `/lib` … on hosts that did not merge them. */
  readonly systemFolders: readonly string[]
  /** Those that are symbolic links: `{ path: '/bin', to: 'usr/bin' }`. */
  readonly systemLinks: readonly PathLink[]
  /** Entries of /etc that the minimal root shows, and what each really is. */
  readonly etc: readonly HostFile[]
  /** The host's own resolver files, shown with `network = "host"`. */
  readonly resolver: readonly HostFile[]
  readonly grants: readonly ResolvedGrant[]
  /** The gateway's own files, symbolic links resolved. */
  readonly protected: ProtectedPaths
  /** Symbolic links on the way to a protected path: whoever replaces one leads the gateway elsewhere. */
  readonly protectedLinks: readonly ProtectedLink[]
  /** Folders that the server's own uid cannot pass, above anything that this layout names. Root gateway only. */
  readonly impassable: readonly string[]
  /** Existing credentials and sockets: with `host-readonly` all that are known; with paths the accounts' secrets, and live sockets, below them. */
  readonly masked: readonly string[]
  /** Names in folders granted for writing that stay read-only: `persistence.ts`. */
  readonly guarded: readonly GuardedPath[]
  /** Home of the gateway's user. */
  readonly home: string
  /** 32 hexadecimal digits, new for each start. */
  readonly machineId: string
  /** Value of TZ, if set. */
  readonly timezone: string | null
}

/** The gateway's own files, as absolute paths. The layout has them with symbolic links resolved. */
export interface ProtectedPaths {
  /** Never to be granted for writing, nor anything below: program folders, state, cache, audit, runtime folder. */
  readonly closed: readonly string[]
  /** Folders whose own entries are read-only, while a folder below may be granted: the configuration's, the program's root. */
  readonly folders: readonly string[]
  /** Covered with nothing, so that sockets in them cannot be reached: state, audit, runtime folder. */
  readonly hidden: readonly string[]
  /** Files covered with nothing where a sandbox would show them: the configuration and its lock, which hold tokens. */
  readonly secret: readonly string[]
}

/** A name in a folder granted for writing that stays read-only. */
export interface GuardedPath {
  readonly path: string
  /** What takes the name where it is absent: a file of this text, or for an empty one an empty folder. */
  readonly text: string
}

export interface PathLink {
  readonly path: string
  readonly to: string
}

export interface ProtectedLink {
  readonly path: string
  /** The server's uid may write the folder that holds it, as far as the host's own rights go. */
  readonly isReplaceable: boolean
}

export interface HostFile {
  /** Where it is seen. */
  readonly path: string
  /** Where it really is. */
  readonly source: string
}

export interface ResolvedGrant extends PathGrant {
  /** As the policy has it; `path` is the same with symbolic links resolved. */
  readonly written: string
}

/** The command, found. */
export interface ResolvedProgram {
  /** Absolute path to execute, as it is seen inside. */
  readonly executable: string
  readonly argv: readonly string[]
  /** Files and folders shown read-only for it, symbolic links resolved: the interpreter, its prefix, the package's folder. */
  readonly mounts: readonly string[]
  /** Symbolic links that lead to them, as the command names them. */
  readonly links: readonly PathLink[]
  /** Folders put in front of PATH inside. */
  readonly searchPath: readonly string[]
}
