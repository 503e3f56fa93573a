/**
 * `best_effort = ["memory", …]`: these guarantees may be less than full.
 *
 * Reason: a host without delegated cgroups cannot hold every limit, and the operator may accept what it can.
 * Risk: what the verdict of each says it lacks. Where a layer is missing from the kernel the start is refused all the
 * same: best effort lowers what is demanded, it does not leave out a step.
 */
import type { Guarantee, Limits, Policy } from '../model.ts'

/**
 * May this guarantee be less than full? Yes when the policy says so, and for limits that nobody wrote: the defaults,
 * and `disk`, for which there is no setting yet.
 */
export function mayBeLess(guarantee: Guarantee, policy: Policy): boolean {
  if (policy.bestEffort.includes(guarantee)) return true
  if (guarantee === 'disk') return true
  const limit = limitOf(guarantee, policy.limits)
  return limit !== null && !limit.written
}

function limitOf(guarantee: Guarantee, limits: Limits): Limits[keyof Limits] | null {
  if (guarantee === 'memory') return limits.memoryMb
  if (guarantee === 'cpu') return limits.cpuPercent
  if (guarantee === 'pids') return limits.pids
  return null
}
