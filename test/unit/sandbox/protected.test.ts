import t from 'tap'
import { protectedPaths } from '../../../lib/sandbox/protected.ts'

t.test('the state folder is hidden from servers, wherever it is', async (t) => {
  const hidden = (environment: NodeJS.ProcessEnv, uid: number) =>
    protectedPaths({ configFile: '/srv/config.toml', environment, uid }).hidden
  t.ok(hidden({}, 0).includes('/var/lib/mcp-one'))
  t.ok(hidden({ HOME: '/home/ann' }, 1000).includes('/home/ann/.local/state/mcp-one'))
  for (const uid of [0, 1000])
    t.ok(hidden({ HOME: '/home/ann', STATE_DIRECTORY: '/srv/state' }, uid).includes('/srv/state'))
})
