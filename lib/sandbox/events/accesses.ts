/** `--explain`: from file accesses, as seen before they are made, to those that the sandbox is about to refuse. */
import { normalize } from 'node:path'
import type { SeenAccess } from '../../native/index.ts'
import { isInside, parentOf } from '../../policy/paths.ts'
import type { Plan } from '../../policy/plan.ts'
import { visibilityOf } from '../../policy/visibility.ts'
import { lookAt } from '../look.ts'
import type { AccessRefused } from './model.ts'
import { terminalSafeJson } from './words.ts'

/** So many different ones are looked at; a program that names more paths than that is not explained further. */
const maxAccesses = 4000
const maxPathChars = 4096

/** What the kernel shows as files: no line grants it (`refuseSystemGrants`). */
const kernelFolders = ['/proc', '/sys', '/dev']
/** They ask what a path is. Folders on the way to what is shown are there for them. */
const looks = new Set([
  'access',
  'faccessat',
  'faccessat2',
  'stat',
  'lstat',
  'newfstatat',
  'statx',
  'readlink',
  'readlinkat',
])

type Refused = Pick<AccessRefused, 'errno' | 'why' | 'grant'>

export class Accesses {
  readonly #server: string
  readonly #plan: Plan
  readonly #onEvent: (event: AccessRefused) => void
  readonly #seen = new Set<string>()
  #looking: Promise<void> = Promise.resolve()

  constructor(server: string, plan: Plan, onEvent: (event: AccessRefused) => void) {
    this.#server = server
    this.#plan = plan
    this.#onEvent = onEvent
  }

  /** Each path and intent is told once, and once more when it was looked at before. */
  take({ pid, intent, path: seen, call }: SeenAccess): void {
    const path = normalize(seen)
    const isLook = looks.has(call)
    const key = `${intent} ${isLook} ${path}`
    if (!path.startsWith('/') || path.length > maxPathChars) return
    if (this.#seen.has(key) || this.#seen.size >= maxAccesses) return
    this.#seen.add(key)
    this.#looking = this.#looking.then(async () => {
      const refused = await refusedBy(this.#plan, path, intent)
      if (refused === null) return
      const what = `${call} ${terminalSafeJson(path)} (to ${intent})`
      const lookedAtFolder = isLook && (await isFolder(path))
      const facts = { server: this.#server, what, count: 1, path, intent, pid, lookedAtFolder }
      const { grant } = refused
      const allow = grant === null ? null : `filesystem = [${terminalSafeJson(grant)}]`
      this.#onEvent({ type: 'sandbox.access-refused', diagnostic: true, ...facts, ...refused, allow })
    })
  }

  /** Settles when all that was taken has been told. */
  end(): Promise<void> {
    return this.#looking
  }
}

/** What the plan refuses of what the host would have had. */
async function refusedBy(plan: Plan, path: string, intent: SeenAccess['intent']): Promise<Refused | null> {
  const visibility = visibilityOf(path, plan)
  if (visibility === 'covered' && (await exists(path))) {
    return { errno: 'ENOENT', why: 'the path is hidden from every server (expected: ENOENT)', grant: null }
  }
  if (kernelFolders.some((folder) => isInside(path, folder))) {
    return visibility === 'absent' && (await exists(path)) ? { errno: 'ENOENT', why: notShown, grant: null } : null
  }
  if (intent === 'write') return refusedWrite(plan, path)
  if ((visibility !== 'absent' && visibility !== 'private') || !(await exists(path))) return null
  return { errno: 'ENOENT', why: notShown, grant: `${path}:ro` }
}

async function refusedWrite(plan: Plan, path: string): Promise<Refused | null> {
  const visibility = visibilityOf(path, plan)
  const folder = parentOf(path)
  if (visibility !== 'absent' && visibility !== 'read-only') return null
  const isThere = await exists(path)
  if (!isThere && !(await exists(folder))) return null
  const needed = isThere ? path : folder
  const grant = needed === '/' ? null : needed
  const isReadOnly = visibility === 'read-only' || visibilityOf(folder, plan) === 'read-only'
  if (isReadOnly) return { errno: 'EROFS', why: 'the path is read-only in the sandbox (expected: EROFS)', grant }
  return { errno: 'ENOENT', why: notShown, grant }
}

const notShown = 'the path is not shown in the sandbox (expected: ENOENT)'

/** A path on a file system that does not answer is as good as none. */
async function exists(path: string): Promise<boolean> {
  return (await lookAt(path).catch(() => null)) !== null
}

async function isFolder(path: string): Promise<boolean> {
  return (await lookAt(path).catch(() => null))?.isDirectory() ?? false
}
