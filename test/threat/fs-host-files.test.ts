/** Secrets in the usual places of a host are looked for. */

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, packageFolder, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const ways = `
for path in hidden:
    act(path, lambda: os.stat(path))
for path in shown:
    act(path, lambda: os.stat(path))
tell('home', os.listdir(os.environ['HOME']))
tell('homes', os.listdir('/home'))
tell('tmp', os.listdir('/tmp'))
tell('etc', os.listdir('/etc'))
tell('accounts', read('/etc/passwd').count(chr(10)))
`

await enforceable(t, 'neither homes, nor data, nor secrets of the host are there', async (t) => {
  const place = makePlace(t)
  const bait = place.file('home/.ssh/id_ed25519')
  const granted = join(place.file('open/file'), '..')
  const candidates = [
    '/etc/shadow',
    '/etc/gshadow',
    '/etc/sudoers',
    '/etc/ssh',
    '/etc/ssl/private',
    '/etc/hostname-of-host',
    '/root',
    '/boot',
    '/sys',
    '/var/lib',
    '/var/log',
    '/var/spool',
    '/opt',
    '/srv',
    '/mnt',
    '/home/mcp/.ssh',
    '/run/systemd',
    '/dev/mem',
    '/dev/kmsg',
    homedir(),
    packageFolder,
  ]
  const onHost = candidates.filter(existsSync)
  t.ok(onHost.length > 8, 'there is something to hide')
  const given = { hidden: [...candidates, bait], shown: ['/usr/bin/env', '/etc/passwd', '/dev/null'] }
  for (const [mode, filesystem] of [
    ['readonly', { kind: 'readonly' }],
    ['paths', paths(granted)],
  ] as const) {
    const found = await attack(ways, {
      filesystem,
      given: { ...given, shown: [...given.shown, ...(mode === 'paths' ? [`${granted}/file`] : [])] },
    })
    for (const path of given.hidden) t.equal(found[path], 'ENOENT', `${mode}: ${path}`)
    for (const path of given.shown) t.equal(found[path], 'allowed', `${mode}: ${path}`)
    t.match(found, { home: [], homes: ['mcp'], accounts: 3 })
    t.notOk((found['etc'] as string[]).some((name) => /shadow|ssh|sudoers|pam|cron/.test(name)))
    // A granted path below /tmp brings the folders above it, and nothing beside it.
    t.ok((found['tmp'] as string[]).length <= 1, `${found['tmp']}`)
  }
})
