/** What `mcpo doctor` says of the kernel at hand. */
import t from 'tap'
import { kernelAtHand } from '../kernels.ts'
import { doctor } from './doctor-report.ts'

t.test('the verdicts of mcpo doctor are those of this kernel', async (t) => {
  const { code, line } = await doctor()
  t.equal(code, 0)
  for (const needed of ['kernel', 'empty sandbox', 'seccomp', 'pidfd']) t.equal(line(needed)?.ok, true, needed)
  const { least, most } = kernelAtHand().landlockAbi
  const abi = Number(/^ABI (\d+)/.exec(line('Landlock')?.found ?? '')?.[1] ?? 0)
  t.ok(abi >= least && abi <= most, `Landlock ABI ${abi} is from ${least} to ${most}`)
  t.equal(line('Landlock')?.ok, abi > 0)
})
