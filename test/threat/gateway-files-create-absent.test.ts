/** Files and folders that the gateway will look for one day, made by a server first. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'
import { makeOwnFiles, modesAbove } from '../support/own-files.ts'

const ways = `
act('lock', lambda: write(lock))
act('lock by link', lambda: os.link(f'{folder}/neighbour', lock))
act('lock by symlink', lambda: os.symlink(f'{folder}/neighbour', lock))
act('lock as a folder', lambda: os.mkdir(lock))
act('package below the program', lambda: os.mkdir(f'{program}/node_modules/evil'))
act('module beside the program', lambda: write(f'{program}/package.json'))
act('audit', lambda: write(f'{state}/audit/audit.jsonl'))
act('cache', lambda: (os.makedirs(cache, exist_ok=True), write(f'{cache}/evil')))
act('socket', lambda: (os.makedirs(runtime, exist_ok=True), socket.socket(socket.AF_UNIX).bind(f'{runtime}/control.sock')))
act('usual configuration', lambda: (os.makedirs(usual, exist_ok=True), write(f'{usual}/config.toml')))
act('beside', lambda: write(f'{folder}/created'))
`

for (const mode of modesAbove) {
  await enforceable(t, `what is not there yet cannot be made under ${mode}`, async (t) => {
    const own = makeOwnFiles(t)
    const filesystem = own.policies[mode]
    const { lock, state, cache, runtime, program, context, place } = own
    const usual = join(place.folder, 'home/.config/mcp-one')
    const given = { folder: place.folder, lock, state, cache, runtime, program, usual }
    const { beside, ...found } = await attack(ways, { filesystem, context, given })
    t.equal(beside, 'allowed')
    t.ok(existsSync(join(place.folder, 'created')))
    t.equal(Object.keys(found).length, 10)
    for (const [act, outcome] of Object.entries(found)) t.match(outcome, /^E(ROFS|ACCES|EXIST|NOENT|XDEV|PERM)$/, act)
    t.notOk(existsSync(lock))
    for (const path of [cache, runtime, usual]) t.same(existsSync(path) ? readdirSync(path) : [], [], path)
  })
}
