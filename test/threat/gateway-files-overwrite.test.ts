/** A server with the whole tree in its hands rewrites, renames, removes or links over the gateway's files. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'
import { makeOwnFiles, modesAbove } from '../support/own-files.ts'

const ways = `
import shutil
def over(way, path):
    spare = f'{folder}/spare'
    write(spare)
    way(spare, path)
for name, path in targets.items():
    act(f'{name}: write', lambda: write(path))
    act(f'{name}: append', lambda: os.close(os.open(path, os.O_WRONLY | os.O_APPEND)))
    act(f'{name}: truncate', lambda: os.truncate(path, 0))
    act(f'{name}: chmod', lambda: os.chmod(path, 0o600))
    act(f'{name}: touch', lambda: os.utime(path, (0, 0)))
    act(f'{name}: rename over', lambda: over(os.rename, path))
    act(f'{name}: rename away', lambda: os.rename(path, f'{folder}/stolen-{name}'))
    act(f'{name}: link over', lambda: over(os.link, path))
    act(f'{name}: symlink over', lambda: (os.unlink(path), os.symlink('/etc/passwd', path)))
    act(f'{name}: unlink', lambda: os.unlink(path))
`

for (const mode of modesAbove) {
  await enforceable(t, `no way to change the configuration, the state or the program under ${mode}`, async (t) => {
    const own = makeOwnFiles(t)
    const filesystem = own.policies[mode]
    const program = join(own.program, 'dist/lib/main.js')
    const uids = join(own.state, 'uids.json')
    const { folder } = own.place
    const given = { folder, targets: { config: own.config, program, uids, neighbour: join(folder, 'neighbour') } }
    const found = await attack(ways, { filesystem, context: own.context, given })
    const outcomes = (name: string): unknown[] =>
      Object.entries(found).flatMap(([act, outcome]) => (act.startsWith(`${name}: `) ? [outcome] : []))
    t.match(found['neighbour: write'], 'allowed')
    t.match(found['neighbour: rename over'], 'allowed')
    for (const name of ['config', 'program', 'uids']) {
      t.equal(outcomes(name).length, 10)
      t.notOk(outcomes(name).includes('allowed'), `${name}: ${outcomes(name).join(' ')}`)
    }
    t.equal(found['program: write'], 'EROFS', 'the mount refuses, not the mode')
    t.equal(readFileSync(own.config, 'utf8'), 'token = "of the gateway"')
    t.equal(readFileSync(program, 'utf8'), 'untouched')
    t.equal(readFileSync(uids, 'utf8'), '{}')
    t.notOk(existsSync(join(folder, 'neighbour')), 'while the neighbour is gone')
  })
}
