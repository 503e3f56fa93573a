/** What `mcpo serve` writes down of its servers: what they speak, for the user alone, and no secret. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { fixtureTable, makeConfig, serve } from '../support/serve.ts'
import { until } from '../support/until.ts'

t.test('the era of a server is kept in the state folder', async (t) => {
  const table = fixtureTable('one', 'legacy.mjs').replace(
    '[servers.sandbox]',
    'env = { TOKEN = "s3cret" }\n[servers.sandbox]',
  )
  const config = makeConfig(t, table)
  const { log, stop } = await serve(t, config)
  const file = join(config.folder, 'state/verdicts.json')
  const stats = () => statSync(file, { throwIfNoEntry: false })
  const { mode } = await until(stats)
  t.match(log(), /"era":"legacy"/)
  t.equal(mode & 0o777, 0o600)
  const text = readFileSync(file, 'utf8')
  t.match(text, /^\{"format":1,"verdicts":\{"[0-9a-f]{64}":\{"era":"legacy","at":[0-9]+\}\}\}\n$/)
  await stop()
  await serve(t, config)
  t.equal(readFileSync(file, 'utf8'), text, 'what is known is not found out again')
})
