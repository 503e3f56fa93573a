/** A gateway whose uid is no account's and that has no $HOME: DynamicUser= of a unit, `--user` of a container engine. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { packageFolder } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

t.test('servers start', async (t) => {
  const somebody = ['--user', '--map-user=54321', '--map-group=54321']
  const command = [process.execPath, join(packageFolder, 'bin/mcpo.js'), 'sandbox', 'run', '--', 'echo', 'ran']
  const env = { PATH: process.env['PATH'], STATE_DIRECTORY: makePlace(t).folder }
  const ran = spawnSync('unshare', [...somebody, ...command], { cwd: '/', env, encoding: 'utf8' })
  t.match(ran, { status: 0, stdout: 'ran\n', stderr: '' })
})
