/** How far this host holds each guarantee for who asks: what a test may expect of a host with delegated control groups, and of one without. */
import type { Guarantee, Strength, Verdict } from '../../lib/policy/model.ts'
import type { Account } from '../e2e/sandbox-run.ts'
import { makeConfig, mcpo } from './serve.ts'

export type Strengths = Readonly<Record<Guarantee, Strength>>

/** For the user of the test itself. */
export async function strengthsHere(t: Parameters<typeof makeConfig>[0]): Promise<Strengths> {
  const { file, env } = makeConfig(t, '[[servers]]\nname = "plain"\ncommand = "true"\n')
  const { stdout } = await mcpo(['doctor', '-c', file, '--json'], env)
  return strengthsOf(JSON.parse(stdout).servers[0].verdicts)
}

/** For the user of an account. */
export async function strengthsFor(account: Account): Promise<Strengths> {
  const { stderr } = await account.run(['--json', '--', 'true'])
  return strengthsOf(JSON.parse(stderr.split('\n')[0] ?? '').verdicts)
}

function strengthsOf(verdicts: readonly Verdict[]): Strengths {
  return Object.fromEntries(verdicts.map(({ guarantee, strength }) => [guarantee, strength])) as Strengths
}
