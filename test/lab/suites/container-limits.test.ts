/** `type = "container"` by podman, with either runtime: root's, and the one of a user who has a manager of systemd's. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { testEngine } from '../../support/container-engine.ts'
import { containerBattery } from './container-battery.ts'

const { folder, image, env } = testEngine({ DBUS_SESSION_BUS_ADDRESS: process.env['DBUS_SESSION_BUS_ADDRESS'] })

for (const runtime of ['crun', 'runc']) {
  const settings = join(folder, `${runtime}.conf`)
  writeFileSync(settings, `[engine]\nruntime = "${runtime}"\n`)
  containerBattery({ name: runtime, image, environment: { ...env, CONTAINERS_CONF: settings }, endsWhole: true })
}
