/** Tests that need a host on which sandboxes can be built: elsewhere skipped, but never where MCPO_MUST_ENFORCE=1. */
import type { Test } from 'tap'
import { where } from '../../support/must-enforce.ts'
import { runSandboxed } from './sandboxed.ts'

export async function enforceable(t: Test, name: string, body: (t: Test) => Promise<void>): Promise<void> {
  const reason = process.platform === 'linux' ? await whyNot() : `there is no sandbox for ${process.platform} yet`
  await t.test(name, where(reason === null, reason ?? ''), body)
}

async function whyNot(): Promise<string | null> {
  try {
    await runSandboxed({ command: '/usr/bin/true', args: [] })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
