/** Runs Python that tries to leave a sandbox by the network; `egress.py` is its vocabulary. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Resolve } from '../../lib/egress/address-guard.ts'
import type { NetworkPolicy } from '../../lib/policy/model.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import type { EgressRefused } from '../../lib/sandbox/events/model.ts'
import { attack, type Findings, packageFolder } from './attack.ts'
import type { World } from './world.ts'

export interface Left {
  readonly found: Findings
  readonly refused: readonly EgressRefused[]
}

export const egressVocabulary = `${readFileSync(join(packageFolder, 'test/support/egress.py'), 'utf8')}\n`

export async function leave(
  world: World,
  network: NetworkPolicy,
  code: string,
  gatewayPorts: readonly number[] = [],
): Promise<Left> {
  return leaveBy(world.resolve, network, code, gatewayPorts)
}

/** The same where names are resolved in another way. */
export async function leaveBy(
  resolve: Resolve,
  network: NetworkPolicy,
  code: string,
  gatewayPorts: readonly number[] = [],
): Promise<Left> {
  const refused: EgressRefused[] = []
  const context = createContext({ configFile: null, environment: process.env, resolve })
  for (const port of gatewayPorts) context.gatewayPorts.add(port)
  const found = await attack(`${egressVocabulary}${code}`, {
    network,
    context,
    onEvent: (event) => {
      if (event.type === 'sandbox.egress-refused') refused.push(event)
    },
  })
  return { found, refused }
}
