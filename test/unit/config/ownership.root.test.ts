/** Whose the configuration file, its folders and the links to it may be. As root, who alone gives files away. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, lchownSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../../lib/config/load.ts'
import { asRoot } from '../../support/must-enforce.ts'
import { folderOf, refusal } from './a-configuration.ts'

/** Other than root, and in no account file. */
const other = 54321

t.test('a group that is not the private one may not write the file, nor its folder', asRoot, async (t) => {
  const { folder, file } = folderOf(t)
  chownSync(file, 0, other)
  t.equal((await refusal(file)).message, '')
  chmodSync(file, 0o664)
  t.match(
    (await refusal(file)).message,
    `${file} can be written by group ${other}, which is not its owner's private group`,
  )
  chownSync(file, 0, 0)
  chownSync(folder, 0, other)
  chmodSync(folder, 0o775)
  t.match(await refusal(file), {
    message: `${folder} can be written by group ${other}`,
    hint: `Run: chmod g-w ${folder}`,
  })
})

t.test('a file or a folder of another ordinary user is refused', asRoot, async (t) => {
  const { folder, file } = folderOf(t)
  chownSync(file, other, other)
  t.match(await refusal(file), {
    message: `${file} belongs to user ${other}, who could change it, while this runs as root`,
    hint: `Run as user ${other}, or give the file and its folder to root (chown).`,
  })
  chownSync(file, 0, 0)
  chownSync(folder, other, other)
  t.match((await refusal(file)).message, `${folder} belongs to user ${other}`)
})

t.test("an ordinary user reads root's file", asRoot, async (t) => {
  const folder = execFileSync('mktemp', ['-d', '/tmp/mcpo-test-XXXXXX'], { encoding: 'utf8' }).trim()
  t.teardown(() => execFileSync('rm', ['-r', folder]))
  chmodSync(folder, 0o755)
  const file = join(folder, 'config.toml')
  writeFileSync(file, '', { mode: 0o644 })
  process.seteuid?.(other)
  t.teardown(() => process.seteuid?.(0))
  await t.resolves(loadConfig(file, {}))
})

t.test('a link that another user made is refused', asRoot, async (t) => {
  const root = t.testdir({ real: { 'config.toml': '' } })
  const link = join(root, 'link')
  symlinkSync(join(root, 'real'), link)
  lchownSync(link, other, other)
  t.match((await refusal(join(link, 'config.toml'))).message, `${link} belongs to user ${other}`)
})
