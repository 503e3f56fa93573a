/** `type = "container"` with an allow-list, by either runtime: listeners are there before the program, and lead nowhere else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { testEngine } from '../../support/container-engine.ts'
import { withoutRoute } from '../../support/without-route.ts'
import { reachesTheListedAlone } from './listed-alone.ts'

withoutRoute(import.meta.filename)

const engine = testEngine(['/usr/bin/curl'])

for (const runtime of ['crun', 'runc']) {
  t.test(`${runtime}: what is listed answers, by proxy and without one, and nothing else does`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'mcpo-runtime-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const settings = join(folder, 'containers.conf')
    writeFileSync(settings, `[engine]\nruntime = "${runtime}"\n`)
    const environment = { ...engine.env, HOME: process.env['HOME'], CONTAINERS_CONF: settings }
    await reachesTheListedAlone(t, engine.image, environment)
    t.equal(engine.podman('ps', '--all', '--quiet'), '')
  })
}
