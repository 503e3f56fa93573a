/** What the suite is run against: the fixture by itself, and the gateway in front of each fixture. */

import { remoteTable, startGatewayProcess } from '../support/gateway-process.ts'
import { serveDualHttp } from './fixtures/dual-http.ts'

export const targetNames = ['direct', 'dual', 'legacy', 'dual-as-legacy', 'dual-as-modern', 'remote'] as const
export type TargetName = (typeof targetNames)[number]

export interface Targets {
  readonly urls: Readonly<Record<TargetName, string>>
  stop(): Promise<void>
}

/** Starts all of them on free ports of the loopback interface. `folder` takes the configuration and the log. */
export async function startTargets(folder: string): Promise<Targets> {
  const direct = await serveDualHttp()
  try {
    const gateway = await startGatewayProcess(folder, [...servers, remoteTable('remote', direct.url)])
    const urls = {
      direct: direct.url,
      dual: `${gateway.url}/dual`,
      legacy: `${gateway.url}/legacy`,
      'dual-as-legacy': `${gateway.url}/dual-as-legacy`,
      'dual-as-modern': `${gateway.url}/dual-as-modern`,
      remote: `${gateway.url}/remote`,
    }
    return { urls, stop: async () => void (await Promise.all([direct.stop(), gateway.stop()])) }
  } catch (error) {
    await direct.stop()
    throw error
  }
}

const servers = [
  server('dual', 'dual'),
  server('legacy', 'legacy'),
  server('dual-as-legacy', 'dual', 'protocol = "legacy"'),
  server('dual-as-modern', 'dual', 'protocol = "2026-07-28"'),
]

function server(name: string, script: 'dual' | 'legacy', more = ''): string {
  const path = new URL(`./fixtures/${script}.js`, import.meta.url).pathname
  return `
[[servers]]
name = ${JSON.stringify(name)}
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(path)}]
${more}
`
}
