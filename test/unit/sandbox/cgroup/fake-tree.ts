/** A cgroup tree in memory that keeps the kernel's rules (cgroup-v2.rst), as far as lib/sandbox/cgroup meets them. */
import { posix } from 'node:path'
import type { CgroupFiles } from '../../../../lib/sandbox/cgroup/files.ts'

interface Group {
  readonly enabled: Set<string>
  readonly processes: Set<number>
  readonly settings: Map<string, string>
  isMarked: boolean
  isWritable: boolean
}

const mount = '/sys/fs/cgroup'

export interface FakeOptions {
  /** Controllers of the root. */
  readonly offered?: readonly string[]
  readonly isReadOnly?: boolean
  /** Linux 5.14. */
  readonly hasKill?: boolean
  readonly hasSwapFiles?: boolean
  readonly swaps?: string
}

export class FakeTree implements CgroupFiles {
  /** The process that asks. */
  readonly self = 100
  /** Every write, kill and removal, in order. */
  readonly acts: string[] = []
  readonly #options: Required<FakeOptions>
  readonly #groups = new Map<string, Group>()
  readonly #locks = new Map<number, { folder: string; kind: 'shared' | 'exclusive' }>()
  readonly #watchers = new Map<string, Set<() => void>>()
  #nextFd = 10

  constructor(options: FakeOptions = {}) {
    const offered = ['cpuset', 'cpu', 'io', 'memory', 'pids']
    this.#options = {
      offered,
      isReadOnly: false,
      hasKill: true,
      hasSwapFiles: true,
      swaps: 'Filename Type\n',
      ...options,
    }
    this.add('/')
  }

  /** A group, by its path in the tree, with processes; controllers are enabled on the way to it. */
  add(path: string, processes: readonly number[] = [], { isMarked = false, isWritable = true } = {}): void {
    for (let above = posix.dirname(path); path !== '/'; above = posix.dirname(above)) {
      for (const controller of this.#options.offered) this.#groups.get(mounted(above))?.enabled.add(controller)
      if (above === '/') break
    }
    const enabled = new Set<string>()
    const settings = new Map<string, string>()
    this.#groups.set(mounted(path), { enabled, processes: new Set(processes), settings, isMarked, isWritable })
  }

  /** What cgroupfs tells of a group, for example `memory.events`. */
  tell(path: string, file: string, text: string): void {
    this.#group(mounted(path)).settings.set(file, text)
    for (const onChange of this.#watchers.get(posix.join(mounted(path), file)) ?? []) onChange()
  }

  /** All groups with their processes and enabled controllers, a line each. */
  get picture(): string[] {
    return [...this.#groups]
      .map(([folder, { processes, enabled }]) =>
        [folder.slice(mount.length) || '/', [...processes].sort().join(','), [...enabled].sort().join(' ')].join(' | '),
      )
      .sort()
  }

  settingsOf(folder: string): Record<string, string> {
    return Object.fromEntries(this.#group(folder).settings)
  }

  async read(file: string): Promise<string> {
    if (file === '/proc/self/cgroup') return `0::${this.#ownPath()}\n`
    if (file === '/proc/self/mountinfo') {
      return `30 20 0:26 / ${mount} ${this.#options.isReadOnly ? 'ro' : 'rw'},nosuid - cgroup2 cgroup2 rw\n`
    }
    if (file === '/proc/swaps') return this.#options.swaps
    const [folder, name] = [posix.dirname(file), posix.basename(file)]
    const group = this.#group(folder)
    if (name === 'cgroup.procs') return [...group.processes].map((pid) => `${pid}\n`).join('')
    if (name === 'cgroup.controllers') return `${this.#available(folder).join(' ')}\n`
    if (name === 'cgroup.subtree_control') return `${[...group.enabled].join(' ')}\n`
    if (name === 'cgroup.type' && folder !== mount) return 'domain\n'
    if (name === 'memory.swap.max' && this.#options.hasSwapFiles && this.#available(folder).includes('memory'))
      return 'max\n'
    const text = group.settings.get(name)
    if (text === undefined) throw systemError('ENOENT')
    return text
  }

  async write(file: string, text: string): Promise<void> {
    const [folder, name] = [posix.dirname(file), posix.basename(file)]
    const group = this.#group(folder)
    if (name === 'cgroup.procs') this.#move(Number(text), folder, group)
    else if (name === 'cgroup.subtree_control') this.#control(folder, group, text)
    else if (name === 'cgroup.kill' && !this.#options.hasKill) throw systemError('ENOENT')
    else if (name === 'cgroup.kill') group.processes.clear()
    else if (name !== 'cgroup.freeze') this.#set(folder, name, text)
    this.acts.push(`${file.slice(mount.length)} = ${text}`)
  }

  async makeFolder(folder: string): Promise<void> {
    this.#group(posix.dirname(folder))
    if (this.#groups.has(folder)) throw systemError('EEXIST')
    const fresh = { isMarked: false, isWritable: true }
    this.#groups.set(folder, { enabled: new Set(), processes: new Set(), settings: new Map(), ...fresh })
  }

  async removeFolder(folder: string): Promise<void> {
    if (this.#group(folder).processes.size > 0 || this.#below(folder).length > 0) throw systemError('EBUSY')
    this.#groups.delete(folder)
    this.acts.push(`remove ${folder.slice(mount.length)}`)
  }

  async foldersIn(folder: string): Promise<string[]> {
    this.#group(folder)
    return this.#below(folder).map((each) => posix.basename(each))
  }

  async isWritable(path: string): Promise<boolean> {
    const group = this.#groups.get(path) ?? this.#groups.get(posix.dirname(path))
    return group?.isWritable ?? false
  }

  isMarkedDelegated(folder: string): boolean {
    return this.#group(folder).isMarked
  }

  lock(folder: string, kind: 'shared' | 'exclusive'): number | null {
    const others = [...this.#locks.values()].filter((lock) => lock.folder === folder)
    if (!this.#groups.has(folder)) return null
    if (others.some((other) => kind === 'exclusive' || other.kind === 'exclusive')) return null
    const fd = this.#nextFd++
    this.#locks.set(fd, { folder, kind })
    return fd
  }

  unlock(fd: number): void {
    this.#locks.delete(fd)
  }

  async isSame(fd: number, folder: string): Promise<boolean> {
    return this.#groups.has(folder) && this.#locks.get(fd)?.folder === folder
  }

  kill(pid: number): void {
    this.acts.push(`kill ${pid}`)
    for (const { processes } of this.#groups.values()) processes.delete(pid)
  }

  watch(file: string, onChange: () => void): () => void {
    const watchers = this.#watchers.get(file) ?? new Set()
    this.#watchers.set(file, watchers.add(onChange))
    return () => watchers.delete(onChange)
  }

  get isWatched(): boolean {
    return [...this.#watchers.values()].some(({ size }) => size > 0)
  }

  #ownPath(): string {
    const own = [...this.#groups].find(([, { processes }]) => processes.has(this.self))
    return own?.[0].slice(mount.length) || '/'
  }

  #group(folder: string): Group {
    const group = this.#groups.get(folder)
    if (group === undefined) throw systemError('ENOENT')
    return group
  }

  #below(folder: string): string[] {
    return [...this.#groups.keys()].filter((each) => each !== mount && posix.dirname(each) === folder)
  }

  #available(folder: string): string[] {
    if (folder === mount) return [...this.#options.offered]
    return [...this.#group(posix.dirname(folder)).enabled]
  }

  #move(pid: number, folder: string, group: Group): void {
    const from = [...this.#groups.values()].find(({ processes }) => processes.has(pid))
    if (from === undefined) throw systemError('ESRCH')
    if (folder !== mount && group.enabled.size > 0) throw systemError('EBUSY')
    from.processes.delete(pid)
    group.processes.add(pid)
  }

  #control(folder: string, group: Group, text: string): void {
    for (const word of text.split(' ')) {
      const name = word.slice(1)
      if (word.startsWith('-')) {
        if (this.#below(folder).some((each) => this.#group(each).enabled.has(name))) throw systemError('EBUSY')
        group.enabled.delete(name)
      } else {
        if (!this.#available(folder).includes(name)) throw systemError('ENOENT')
        if (folder !== mount && group.processes.size > 0) throw systemError('EBUSY')
        group.enabled.add(name)
      }
    }
  }

  #set(folder: string, name: string, text: string): void {
    const isThere = this.#available(folder).includes(name.split('.')[0] ?? '')
    if (!isThere || (name === 'memory.swap.max' && !this.#options.hasSwapFiles)) throw systemError('ENOENT')
    this.#group(folder).settings.set(name, text)
  }
}

function mounted(path: string): string {
  return posix.join(mount, path).replace(/\/$/, '')
}

export function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}
