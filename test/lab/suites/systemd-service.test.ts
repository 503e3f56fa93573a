/** examples/mcpo.service, run by systemd: as it is, and as root. */
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import t from 'tap'
import { configure, serviceBattery } from './service-battery.ts'
import { Unit } from './unit.ts'

/** Of the guest's account mcp-one. */
const uid = 990
const variants = {
  'by a user of its own': { owner: uid, added: '' },
  // An empty list of directives takes back what the example says.
  'by root': { owner: 0, added: 'User=\nCapabilityBoundingSet=~' },
}

for (const [name, { owner, added }] of Object.entries(variants)) {
  t.test(`a service ${name}`, async (t) => {
    const unit = new Unit(true)
    const granted = `/srv/notes-${owner}`
    const log = `/run/mcpo-${owner}.log`
    mkdirSync(granted)
    chownSync(granted, owner, owner)
    // Root's servers have uids of their own, and a tmpfs is id-mapped from Linux 6.3 on only.
    chmodSync(granted, 0o777)
    const service = { unit, config: '/etc/mcp-one/config.toml', log, granted }
    configure(service)
    unit.install('mcpo.service', `ReadWritePaths=${granted}\nStandardError=append:${log}\n${added}`)
    await serviceBattery(t, service)
  })
}
