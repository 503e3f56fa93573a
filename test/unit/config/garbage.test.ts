import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from '@decimalturn/toml-patch'
import fc from 'fast-check'
import t from 'tap'
import { loadConfig } from '../../../lib/config/load.ts'
import { keysOfTable } from '../../../lib/config/schema/index.ts'
import { McpoError } from '../../../lib/errors.ts'

const words = ['host', 'none', 'static', 'stdio', 'full', 'readonly', '${A}', '${', 'cpu', '127.0.0.1', 'a', 'x:ro']
const scalar = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ maxLength: 20 }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(1, 100),
)
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.oneof(fc.stringMatching(/^[A-Z]{1,3}$/), fc.string({ maxLength: 4 })), scalar, { maxKeys: 2 }),
)

function tableOf(path: string) {
  const keys = keysOfTable.get(path) ?? []
  return fc.dictionary(
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...keys) }, { weight: 1, arbitrary: fc.constant('other') }),
    value,
    { maxKeys: 5 },
  )
}

const servers = fc
  .tuple(tableOf('servers'), fc.option(tableOf('servers.sandbox'), { nil: undefined }))
  .map(([server, sandbox]) => (sandbox === undefined ? server : { ...server, sandbox }))
const document = fc.record(
  {
    server: tableOf('server'),
    auth: tableOf('auth'),
    features: tableOf('features'),
    servers: fc.array(servers, { maxLength: 3 }),
  },
  { requiredKeys: [] },
)

t.test(
  'whatever a file says, it is a configuration or one CONFIG_ERROR of which each line has its place',
  async (t) => {
    const file = join(t.testdir({}), 'config.toml')
    const counts = { accepted: 0, refused: 0 }
    const check = async (content: object) => {
      writeFileSync(file, stringify(content))
      try {
        await loadConfig(file, { A: '0123456789abcdef' })
        counts.accepted += 1
      } catch (thrown) {
        if (!(thrown instanceof McpoError) || thrown.code !== 'CONFIG_ERROR') throw thrown
        for (const line of thrown.message.split('\n')) {
          if (!/^\S+config\.toml:\d+:\d+: [^\p{Cc}]+$|^… and \d+ more$/u.test(line))
            throw new Error(`no place in ${line}`)
        }
        counts.refused += 1
      }
    }
    await fc.assert(fc.asyncProperty(document, check), { numRuns: 500 })
    t.ok(counts.accepted > 0 && counts.refused > 0, JSON.stringify(counts))
  },
)
