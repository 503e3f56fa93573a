/** What is left of control groups: nothing, however a gateway ends; and never another live gateway's. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Account } from '../../e2e/sandbox-run.ts'
import { HeldServer } from './held-server.ts'
import { slice } from './slice.ts'

const uid = process.getuid?.() ?? 0

t.test('a server that ended leaves no folder', async (t) => {
  const account = new Account(t, { name: `uid ${uid}`, uid })
  t.match(await account.run(['--', 'true']), { code: 0 })
  t.same(groups(), [])
})

t.test('after kill -9 of a gateway the next one removes what is stale, and only that', async (t) => {
  const account = new Account(t, { name: `uid ${uid}`, uid })
  const other = await HeldServer.start(account)
  const others = groups()
  t.not(others.length, 0, 'there are groups for the server')

  const killed = await HeldServer.start(account)
  const stale = groups().filter((group) => !others.includes(group))
  t.equal(stale.length, 1, 'and one for the other')
  await killed.killGateway()
  t.same(groups(), [...others, ...stale].sort(), 'nobody was left to remove it')

  t.match(await account.run(['--', 'true']), { code: 0 })
  t.same(groups(), others)
  t.ok(await other.answers(), 'the other gateway and its server live')
  await other.end()
  t.same(groups(), [])
})

/** Paths of all groups below the slice. */
function groups(folder = ''): string[] {
  const below = readdirSync(join(slice, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return below.flatMap(({ name }) => [join(folder, name), ...groups(join(folder, name))]).sort()
}
