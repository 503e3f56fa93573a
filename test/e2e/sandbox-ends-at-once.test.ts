/** A sandbox whose payload ends before its pid 1 has got round to watching it. */
import t from 'tap'
import { closeStdio } from '../../lib/sandbox/close.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import { startServer } from '../../lib/sandbox/start.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { plainPolicy, unwritten } from '../support/plain-policy.ts'

const [lanes, startsPerLane] = [16, 15]

await enforceable(t, 'its end is noticed every time', async (t) => {
  const context = createContext({ configFile: null, environment: process.env })
  const spec = {
    policy: plainPolicy('brief', { limits: unwritten(64, 100, 16) }),
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
