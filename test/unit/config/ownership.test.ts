import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../../lib/config/load.ts'
import { folderOf, refusal } from './a-configuration.ts'

const token = 'token = "0123456789abcdef"'

t.test('a file of the user in a folder of the user is read', async (t) => {
  await t.resolves(loadConfig(folderOf(t).file, {}))
})

t.test('a file that everyone may write is refused', async (t) => {
  const { file } = folderOf(t)
  chmodSync(file, 0o646)
  t.strictSame(await refusal(file), {
    message: `the configuration file ${file} is not trusted: ${file} can be written by everyone (mode 0646)`,
    hint: `Run: chmod o-w ${file}`,
  })
})

t.test('a folder that everyone may write is refused, sticky or not', async (t) => {
  const { folder, file } = folderOf(t)
  for (const mode of [0o777, 0o1777]) {
    chmodSync(folder, mode)
    t.match((await refusal(file)).message, `${folder} can be written by everyone`)
  }
})

t.test('a folder further up that everyone may write is refused, unless it is sticky', async (t) => {
  const up = t.testdir({ inner: { 'config.toml': '' } })
  const file = join(up, 'inner', 'config.toml')
  chmodSync(join(up, 'inner'), 0o700)
  chmodSync(up, 0o777)
  t.match((await refusal(file)).message, `${up} can be written by everyone`)
  chmodSync(up, 0o1777)
  t.equal((await refusal(file)).message, '')
})

t.test('umask 002 with the private group is accepted', async (t) => {
  const { folder, file } = folderOf(t)
  chmodSync(folder, 0o775)
  chmodSync(file, 0o664)
  t.equal((await refusal(file)).message, '')
})

t.test('a link is judged by where it leads and by every folder on the way', async (t) => {
  const root = t.testdir({ real: { 'config.toml': '' }, shown: {} })
  const link = join(root, 'shown', 'config.toml')
  symlinkSync('../real/config.toml', link)
  t.equal((await refusal(link)).message, '')
  chmodSync(join(root, 'real'), 0o777)
  t.match((await refusal(link)).message, `${join(root, 'real')} can be written by everyone`)
  chmodSync(join(root, 'real'), 0o755)
  chmodSync(join(root, 'shown'), 0o777)
  t.match((await refusal(link)).message, `${join(root, 'shown')} can be written by everyone`)
})

t.test('links in a circle are refused', async (t) => {
  const root = t.testdir({})
  symlinkSync('b', join(root, 'a'))
  symlinkSync('a', join(root, 'b'))
  t.match((await refusal(join(root, 'a'))).message, /cannot be opened: ELOOP/)
})

t.test('what is no regular file is refused without waiting for it', async (t) => {
  const root = t.testdir({ 'a-folder': {} })
  execFileSync('mkfifo', [join(root, 'pipe')])
  t.match((await refusal(join(root, 'pipe'))).message, /is no regular file/)
  t.match((await refusal(join(root, 'a-folder'))).message, /is no regular file/)
})

t.test('a file that is not there says so', async (t) => {
  t.match(
    (await refusal(join(t.testdir({}), 'none.toml'))).message,
    /^the configuration file .*none\.toml does not exist$/,
  )
})

t.test('a megabyte is read, one byte more is refused', async (t) => {
  const file = join(t.testdir({}), 'config.toml')
  writeFileSync(file, `#${'x'.repeat(1024 * 1024 - 1)}`)
  t.equal((await refusal(file)).message, '')
  writeFileSync(file, `#${'x'.repeat(1024 * 1024)}`)
  t.match((await refusal(file)).message, /is larger than 1048576 bytes/)
})

t.test('bytes that are not UTF-8 are refused', async (t) => {
  const file = join(t.testdir({}), 'config.toml')
  writeFileSync(file, Buffer.from([0x23, 0xff]))
  t.match((await refusal(file)).message, /is not UTF-8/)
})

t.test('a token that stands in a file that others may read is worth a warning', async (t) => {
  const { file } = folderOf(t)
  writeFileSync(file, `[auth]\ntype = "static"\n${token}`)
  const { warnings } = await loadConfig(file, {})
  t.match(warnings, [`${file}:3:9: the token stands in a file that others may read`])
  chmodSync(file, 0o600)
  t.strictSame((await loadConfig(file, {})).warnings, [])
})

t.test('a token from a file: read when it is private, refused when others may read or write it', async (t) => {
  const { folder, file } = folderOf(t)
  const secret = join(folder, 'secrets', 'token')
  mkdirSync(join(folder, 'secrets'))
  writeFileSync(secret, '0123456789abcdef\n', { mode: 0o600 })
  writeFileSync(file, '[auth]\ntype = "static"\ntoken = "file:secrets/token"')
  t.strictSame((await loadConfig(file, {})).auth, { type: 'static', token: '0123456789abcdef' })
  chmodSync(secret, 0o604)
  t.equal(
    (await refusal(file)).message,
    `${file}:3:9: auth.token: the token file ${secret} can be read by others (mode 0604). Run: chmod 600 ${secret}`,
  )
  chmodSync(secret, 0o602)
  t.match((await refusal(file)).message, `${secret} can be written by everyone`)
  writeFileSync(file, '[auth]\ntype = "static"\ntoken = "file:none"')
  t.match(
    (await refusal(file)).message,
    `${file}:3:9: auth.token: the token file ${join(folder, 'none')} does not exist`,
  )
})

t.test('a short token from a file is refused without being quoted', async (t) => {
  const { folder, file } = folderOf(t)
  writeFileSync(join(folder, 'token'), 'hunter2\n', { mode: 0o600 })
  writeFileSync(file, '[auth]\ntype = "static"\ntoken = "file:token"')
  t.equal((await refusal(file)).message, `${file}:3:9: auth.token: expected a token of at least 16 characters, got 7`)
})
