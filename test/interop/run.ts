/**
 * Real servers behind one running gateway, real clients of both SDKs and the inspector in front of it, all at once:
 * `npm run test:interop -- [--only TEXT]…`. What each gets must be what it gets from the servers without a gateway.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startGatewayProcess } from '../support/gateway-process.ts'
import { ensureTools } from '../support/tools.ts'
import { Checks } from './checks.ts'
import { clientKinds } from './clients.ts'
import { inspect } from './inspector.ts'
import { References } from './references.ts'
import { startCast } from './servers.ts'
import { visit } from './visit.ts'

const timeoutMs = 300_000

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
setTimeout(() => {
  console.error(`test:interop: not done after ${timeoutMs / 1000} s`)
  process.exit(1)
}, timeoutMs).unref()

try {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } })
  process.exitCode = (await main(values.only)) ? 0 : 1
} catch (error) {
  console.error(`test:interop: ${error instanceof Error ? error.stack : error}`)
  process.exitCode = 1
}

async function main(only: readonly string[]): Promise<boolean> {
  await ensureTools()
  const folder = await mkdtemp(join(tmpdir(), 'mcpo-interop-'))
  const files = join(folder, 'files')
  const cast = await startCast(folder, files)
  const checks = new Checks(only)
  try {
    const tables = cast.servers.map(({ toml }) => toml)
    const gateway = await startGatewayProcess(folder, tables)
    const { configuration, env } = gateway
    const address = { origin: new URL(gateway.url).origin, configuration, env }
    const references = new References(cast.servers, files)
    const visits = clientKinds.map((kind) => visit(kind, { address, servers: cast.servers, references, files, checks }))
    const inspections = inspect({ address, servers: cast.servers, references, checks })
    await Promise.allSettled([...visits, inspections]).then(rethrow)
    await gateway.stop()
  } finally {
    await cast.stop()
  }
  console.log(checks.report())
  if (checks.failed === 0) await rm(folder, { recursive: true })
  else console.error(`What the gateway wrote is in ${folder}`)
  console.log(`${checks.passed} passed, ${checks.failed} failed`)
  return checks.failed === 0 && checks.passed > 0
}

function rethrow(outcomes: readonly PromiseSettledResult<void>[]): void {
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
}
