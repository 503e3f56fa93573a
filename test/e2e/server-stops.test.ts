/** How the gateway ends a server, in the order of MCP's stdio transport: its input is closed, then SIGTERM, then SIGKILL. */
import t, { type Test } from 'tap'
import { scanChunkJs } from '../../lib/protocol/scan.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import type { LaunchSpec, SandboxedChild } from '../../lib/sandbox/model.ts'
import { startServer } from '../../lib/sandbox/start.ts'
import { startUnconfined } from '../../lib/sandbox/unconfined.ts'
import { Instance } from '../../lib/upstream/instance.ts'
import { StdioConnection } from '../../lib/upstream/stdio.ts'
import { server } from '../fixtures/gateway.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { plainPolicy, unwritten } from '../support/plain-policy.ts'
import { until } from '../support/until.ts'

const words = 'up() { echo up >&2; }; forever() { while :; do sleep 0.02; done; };'

const policy = plainPolicy('fix', { limits: unwritten(256, 100, 16) })

const ways = {
  confined: (spec: LaunchSpec) => {
    const context = createContext({ configFile: null, environment: process.env })
    return startServer(spec, context, { passing: true })
  },
  unconfined: (spec: LaunchSpec) => startUnconfined({ ...spec, name: 'fix' }, process.env),
}

for (const [way, start] of Object.entries(ways)) {
  await enforceable(t, `${way}: one that heeds the end of its input is sent no signal`, async (t) => {
    const { lines, stop } = await running(t, start, `trap 'echo signalled >&2' TERM; up; cat >/dev/null; echo bye >&2`)
    t.match(await stop(), { code: 0, signal: null })
    t.same(lines, ['up', 'bye'])
  })

  await enforceable(t, `${way}: one that does not can clean up on SIGTERM`, async (t) => {
    const { lines, stop } = await running(t, start, `trap 'echo cleaned >&2; exit 5' TERM; up; forever`)
    t.match(await stop(), { code: 5, signal: null })
    t.same(lines, ['up', 'cleaned'])
  })

  await enforceable(t, `${way}: one that heeds neither is killed`, async (t) => {
    const { stop } = await running(t, start, `trap '' TERM; up; forever`)
    t.match(await stop(), { code: null, signal: 'SIGKILL' })
  })
}

/** A shell script that has said that it is up. */
async function running(t: Test, start: (spec: LaunchSpec) => Promise<SandboxedChild>, script: string) {
  const args = ['-c', `${words} ${script}`]
  const secretVariables = new Set<string>()
  const child = await start({ policy, command: '/bin/sh', args, env: {}, cwd: '/', baseDir: '/', secretVariables })
  t.teardown(() => child.kill())
  const lines: string[] = []
  const log = { debug() {}, warn() {}, error() {}, info: (_: object, line: string) => void lines.push(line) }
  const counters = { native: 0, twin: 0, rejected: 0 }
  const options = { server: 'fix', scan: scanChunkJs, counters, maxMessageBytes: 1024 }
  const instance = new Instance({
    settings: server('fix', []),
    opened: { connect: (events) => new StdioConnection(child, options, events), discard() {} },
    limits: { maxMessageBytes: 1024, maxCalls: 8 },
    log,
  })
  await until(() => lines.includes('up'))
  const stop = async () => {
    await instance.stop()
    return child.exited
  }
  return { lines, stop }
}
