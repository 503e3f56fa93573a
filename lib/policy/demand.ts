/** Whether what a policy asks for can be held: the refusal, in the words of the configuration. */
import { McpoError } from '../errors.ts'
import type { Guarantee, Policy, Strength, Verdict } from './model.ts'
import { mayBeLess } from './relax/best-effort.ts'

/** Throws SANDBOX_ERROR when something that the policy asks for would be less than full. `remedy`: what would make it full. */
export function demandHeld(
  verdicts: readonly Verdict[],
  policy: Policy,
  remedy: (guarantee: Guarantee) => string | null,
): void {
  const lacking = verdicts.find(
    ({ guarantee, strength, why }) => strength !== 'full' && why !== undefined && !mayBeLess(guarantee, policy),
  )
  if (lacking === undefined) return
  const { guarantee, strength, why } = lacking
  const found = remedy(guarantee)
  throw new McpoError(
    'SANDBOX_ERROR',
    `cannot start ${policy.name}: ${demanded(guarantee, policy)} ${inWords(strength)} here: ${why}`,
    {
      hint: `${found === null ? '' : `to hold it, ${found}; `}to accept that, write best_effort = ["${guarantee}"] under [servers.sandbox] (mcpo sandbox run: --best-effort ${guarantee})`,
      data: { guarantee, strength, server: policy.name },
    },
  )
}

function demanded(guarantee: Guarantee, policy: Policy): string {
  if (guarantee === 'memory') return `the limit max_memory_mb = ${policy.limits.memoryMb.value}`
  if (guarantee === 'cpu') return `the limit max_cpu_percent = ${policy.limits.cpuPercent.value}`
  if (guarantee === 'pids') return `the limit max_pids = ${policy.limits.pids.value}`
  return `the guarantee ${guarantee}`
}

function inWords(strength: Strength): string {
  return strength === 'partial' ? 'can be held only in part' : 'cannot be held'
}
