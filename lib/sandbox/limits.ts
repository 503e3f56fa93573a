/** What holds the limits of one server while it runs: its control group, and what stands in for a controller that is missing. */
import type { CgroupSetting } from '../policy/cgroup.ts'
import type { CgroupController } from '../policy/host.ts'
import type { Limits } from '../policy/model.ts'
import type { Leaf } from './cgroup/leaf.ts'
import type { Subtree } from './cgroup/subtree.ts'
import type { Telling } from './events/telling.ts'
import type { Life } from './life.ts'
import type { ExitStatus, LimitHit } from './model.ts'

export interface LimitsRequest {
  readonly name: string
  /** `null`: it gets no control group of its own. */
  readonly cgroup: { readonly subtree: Subtree; readonly settings: readonly CgroupSetting[] } | null
  readonly limits: Limits
}

/** A server that runs. */
interface Running {
  readonly life: Life
  readonly leaf: Leaf | null
  readonly telling: Telling
}

/** Throws SANDBOX_ERROR. */
export async function makeLeaf({ name, cgroup, limits }: LimitsRequest): Promise<Leaf | null> {
  return cgroup === null ? null : cgroup.subtree.makeLeaf(name, cgroup.settings, limits)
}

/** Returns what is to be called when the server has ended: it says which limits were hit, as far as anything counts here. */
export function watchLimits(
  request: LimitsRequest,
  { life, leaf, telling }: Running,
): () => Promise<Pick<ExitStatus, 'hits' | 'usage'>> {
  if (holds(request, 'pids')) leaf?.onHit((hit) => telling.hit(hit))
  if (holds(request, 'memory')) leaf?.onNear((near) => telling.near(near))
  return async () => {
    const counted = await leaf?.end()
    const hits = [...watchedHits(life, request.limits), ...(counted?.hits ?? [])]
    if (counted !== undefined) return { ...counted, hits }
    return hits.length === 0 ? {} : { hits }
  }
}

/** Of the limits that pid 1 of the sandbox watches. */
function watchedHits({ endedFor }: Life, { memoryMb }: Limits): LimitHit[] {
  return endedFor === 'max_memory_mb' ? [{ limit: endedFor, value: memoryMb.value, times: 1, killed: true }] : []
}

function holds({ cgroup }: LimitsRequest, controller: CgroupController): boolean {
  return cgroup?.subtree.controllers.includes(controller) ?? false
}
