/** A folder above the gateway's files is moved away, and another one put into its place. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'
import { makeOwnFiles, modesAbove } from '../support/own-files.ts'

const ways = `
def exchange(path):
    os.rename(path, path + '-old')
    os.mkdir(path)
RENAME_EXCHANGE = 2
def swap(path):
    os.mkdir(f'{folder}/swap')
    try:
        call('renameat2', -100, f'{folder}/swap'.encode(), -100, path.encode(), RENAME_EXCHANGE)
    finally:
        os.rmdir(f'{folder}/swap')
for path in parents:
    act(f'rename {path}', lambda: exchange(path))
    act(f'exchange {path}', lambda: swap(path))
act('rename a folder beside', lambda: exchange(f'{folder}/free'))
`

for (const mode of modesAbove) {
  await enforceable(t, `no folder above the gateway's files can be exchanged under ${mode}`, async (t) => {
    const own = makeOwnFiles(t)
    const filesystem = own.policies[mode]
    const { folder } = own.place
    own.place.file('free/file')
    const names = [
      'project',
      'home',
      'home/.local',
      'home/.local/state',
      'home/.local/state/mcp-one',
      'run',
      'app',
      'app/dist',
    ]
    const parents = names.map((name) => join(folder, name))
    own.place.makeFolder('run')
    const { 'rename a folder beside': beside, ...found } = await attack(ways, {
      filesystem,
      context: own.context,
      given: { folder, parents },
    })
    t.equal(beside, 'allowed')
    t.ok(existsSync(join(folder, 'free-old/file')))
    t.equal(Object.keys(found).length, 2 * parents.length)
    for (const [act, outcome] of Object.entries(found)) t.match(outcome, /^E(BUSY|ROFS|XDEV)$/, act)
    t.equal(readFileSync(own.config, 'utf8'), 'token = "of the gateway"')
    t.equal(readFileSync(join(own.state, 'uids.json'), 'utf8'), '{}')
  })
}
