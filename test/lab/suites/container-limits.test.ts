/** `type = "container"` by podman, with either runtime: root's, and the one of a user who has a manager of systemd's. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { testEngine } from '../../support/container-engine.ts'
import { containerBattery } from './container-battery.ts'

const { image, env } = testEngine()
const folder = mkdtempSync(join(tmpdir(), 'mcpo-runtimes-'))
t.teardown(() => rmSync(folder, { recursive: true }))

for (const runtime of ['crun', 'runc']) {
  const settings = join(folder, `${runtime}.conf`)
  writeFileSync(settings, `[engine]\nruntime = "${runtime}"\n`)
  const bus = { DBUS_SESSION_BUS_ADDRESS: process.env['DBUS_SESSION_BUS_ADDRESS'] }
  const environment = { ...env, ...bus, CONTAINERS_CONF: settings }
  containerBattery({ name: runtime, image, environment, endsWhole: true })
}
