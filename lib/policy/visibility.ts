/** What a plan shows at a path inside the sandbox. */
import { isBelow, isInside } from './paths.ts'
import type { MountOperation, Plan } from './plan.ts'

/**
 * `absent`: nothing. `read-only` and `writable`: of the host, or of the sandbox's own skeleton. `private`: what the sandbox
 * itself has written below a folder of its own; what the host has there is not shown. `covered`: the host has something there, and it is hidden. `unknown`: behind a link, or the kernel's (/proc).
 */
export type Visibility = 'absent' | 'read-only' | 'writable' | 'private' | 'covered' | 'unknown'

const roots: Readonly<Record<Plan['root'], Visibility>> = {
  minimal: 'absent',
  'host-ro': 'read-only',
  'host-rw': 'writable',
}

/** `path` is absolute and normalised; links are not followed. */
export function visibilityOf(path: string, { root, mounts }: Pick<Plan, 'root' | 'mounts'>): Visibility {
  let found = roots[root]
  for (const operation of mounts) found = after(operation, path, found)
  return found
}

function after(operation: MountOperation, path: string, before: Visibility): Visibility {
  const { op } = operation
  if (op === 'proc') return isInside(path, '/proc') ? 'unknown' : before
  if (op === 'dev') return isInside(path, '/dev') ? 'unknown' : before
  const { target } = operation
  // Folders on the way to something that is shown are made for it.
  if (isBelow(target, path) && (before === 'absent' || (before === 'private' && op === 'bind'))) return 'read-only'
  if (!isInside(path, target)) return before
  switch (op) {
    case 'bind':
      return operation.access === 'ro' ? 'read-only' : 'writable'
    case 'tmpfs':
      return path === target ? 'writable' : 'private'
    case 'mask':
      return 'covered'
    case 'symlink':
      return 'unknown'
    case 'readonly':
    case 'guard':
      return before === 'absent' ? before : 'read-only'
    case 'dir':
    case 'file':
      return path === target && before === 'absent' ? 'read-only' : before
    case 'pin':
      return before
  }
}
