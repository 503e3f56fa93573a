// Names that sandboxes hold together in one folder: what one of them has just begun or is about to take away is not mistaken
// for the user's own, which nobody holds.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makePlace } from '../../support/place.ts'
import { until } from '../../support/until.ts'
import { enforceable } from './enforceable.ts'
import { planFor, type Running, startPlanned } from './sandboxed.ts'

await enforceable(t, 'a file that another sandbox has made and not yet written is held', async (t) => {
  const place = makePlace(t)
  const begun = join(place.makeFolder('.git'), 'config')
  writeFileSync(begun, '')
  chmodSync(begun, 0o444)
  const running = await startIn(place.folder, 'read line')
  await running.ready
  t.equal(spawnSync('flock', ['--nonblock', begun, 'true']).status, 1)
  await running.finish()
})

await enforceable(t, 'a name that another sandbox is about to take away is waited for, and taken again', async (t) => {
  const { folder } = makePlace(t)
  const name = join(folder, '.vscode')
  mkdirSync(name, { mode: 0o555 })
  const ending = spawn('flock', [name, '-c', `echo locked; read line; rmdir ${name}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await once(ending.stdout, 'data')
  const running = await startIn(folder, `read line; mkdir ${name} && echo made || echo refused`)
  const waits = new RegExp(`-> FLOCK +ADVISORY +READ +${running.pid} `)
  await Promise.race([running.ready, until(() => waits.test(readFileSync('/proc/locks', 'utf8')))])
  ending.stdin.end('\n')
  await once(ending, 'exit')
  await running.ready
  t.equal((await running.finish()).stdout, 'refused\n')
})

async function startIn(folder: string, script: string): Promise<Running> {
  const filesystem = { kind: 'paths', grants: [{ path: folder, access: 'rw' }] } as const
  return startPlanned(await planFor({ command: '/bin/sh', args: ['-c', script], filesystem }))
}
