/** A sandbox whose payload ends before its pid 1 has got round to watching it. */
import t from 'tap'
import { closeStdio } from '../../lib/sandbox/close.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import { startServer } from '../../lib/sandbox/start.ts'
import { enforceable } from '../platform/linux/enforceable.ts'

const [lanes, startsPerLane] = [16, 15]

await enforceable(t, 'its end is noticed every time', async (t) => {
  const context = createContext({ configFile: null, environment: process.env })
  const limit = (value: number) => ({ value, written: false })
  const spec = {
    policy: {
      name: 'brief',
      network: false,
      filesystem: { kind: 'readonly' },
      inheritEnvironment: false,
      allowPersistence: [],
      limits: { memoryMb: limit(64), cpuPercent: limit(100), pids: limit(16) },
      bestEffort: [],
    },
    command: '/bin/true',
    args: [],
    env: {},
    cwd: null,
    baseDir: '/',
    secretVariables: new Set<string>(),
  } as const
  const lane = async (): Promise<number> => {
    let ended = 0
    for (let start = 0; start < startsPerLane; start++) {
      // A dry run ends right behind its self-check: nothing is briefer.
      const child = await startServer(spec, context, { passing: true, dryRun: true })
      closeStdio(child.stdio)
      if ((await child.exited).code === 0) ended += 1
    }
    return ended
  }
  const ended = await Promise.all(Array.from({ length: lanes }, lane))
  t.equal(
    ended.reduce((sum, each) => sum + each, 0),
    lanes * startsPerLane,
  )
})
