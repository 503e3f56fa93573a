/** The same by docker: what is listed is reached, and nothing else. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { makeRoot } from '../../support/container-engine.ts'
import { processesWith } from '../../support/processes.ts'
import { withoutRoute } from '../../support/without-route.ts'
import { DockerDaemon } from './docker-daemon.ts'
import { reachesTheListedAlone } from './listed-alone.ts'

withoutRoute(import.meta.filename)

const image = 'mcpo-test:1'
const folder = mkdtempSync(join(tmpdir(), 'mcpo-image-'))
const daemon = await DockerDaemon.start()
t.teardown(async () => {
  await daemon.end()
  rmSync(folder, { recursive: true })
})
daemon.docker('import', makeRoot(folder, ['/usr/bin/curl']), image)

t.test('docker: what is listed answers, by proxy and without one, and nothing else does', async (t) => {
  await reachesTheListedAlone(t, image, daemon.environment)
  t.equal(daemon.docker('ps', '--all', '--quiet'), '', 'nor is what held the network there')
  t.strictSame(processesWith(`mcpo-box-${process.pid}-`), [])
})
