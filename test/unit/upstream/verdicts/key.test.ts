import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { verdictKey } from '../../../../lib/upstream/verdicts/key.ts'
import { remote, server } from '../../../fixtures/gateway.ts'

t.test('another command, another variable and another file have another key, another value has not', async (t) => {
  const script = join(t.testdir({ 'server.mjs': '1' }), 'server.mjs')
  const settings = server('s', [script], { env: { TOKEN: 'a' } })
  const key = await verdictKey(settings)
  t.match(key, /^[0-9a-f]{64}$/)
  t.equal(await verdictKey({ ...settings, name: 'other', env: { TOKEN: 'b' } }), key)
  const others = [
    { args: [script, '-x'] },
    { env: {} },
    { command: 'node' },
    { protocol: 'legacy' as const },
    { cwd: '/' },
  ]
  for (const other of others) t.not(await verdictKey({ ...settings, ...other }), key)
  writeFileSync(script, '22')
  t.not(await verdictKey(settings), key)
  const written = await verdictKey(settings)
  utimesSync(script, 1, 1)
  t.not(await verdictKey(settings), written)
})

t.test('a command is looked up where it would be started from', async (t) => {
  const settings = server('s', [], { command: 'node' })
  const key = await verdictKey(settings)
  const path = process.env['PATH']
  t.teardown(() => {
    process.env['PATH'] = path
  })
  process.env['PATH'] = t.testdir({ node: 'another' })
  t.not(await verdictKey(settings), key)
})

t.test('a server elsewhere is its URL, with the names of its headers', async (t) => {
  const settings = remote('r', 'https://example.test/mcp', { headers: { authorization: 'a' } })
  const key = await verdictKey(settings)
  t.equal(await verdictKey({ ...settings, headers: { authorization: 'b' } }), key)
  for (const other of [{ url: 'https://example.test/other' }, { headers: {} }])
    t.not(await verdictKey({ ...settings, ...other }), key)
})
