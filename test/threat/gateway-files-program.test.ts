/** A server rewrites the program that confines it, or the packages that this loads. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, packageFolder } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const ways = `
for name in names:
    act(f'create in {name}', lambda: write(f'{program}/{name}/mcpo-evil'))
    act(f'rename {name}', lambda: os.rename(f'{program}/{name}', f'{program}/{name}-old'))
act('create beside', lambda: write(f'{program}/mcpo-evil'))
act('overwrite the launcher', lambda: os.close(os.open(f'{program}/build/Release/mcpo-launch', os.O_WRONLY)))
act('overwrite node', lambda: os.close(os.open(node, os.O_WRONLY)))
act('write elsewhere', lambda: write(f'{folder}/file'))
`

await enforceable(t, 'the installed program stays as it is, with filesystem = "full"', async (t) => {
  const { folder } = makePlace(t)
  const launcher = join(packageFolder, 'build/Release/mcpo-launch')
  const before = statSync(launcher).mtimeMs
  const names = ['dist', 'bin', 'build', 'native', 'node_modules']
  const given = { folder, program: packageFolder, names, node: process.execPath }
  const { 'write elsewhere': elsewhere, ...found } = await attack(ways, { filesystem: { kind: 'full' }, given })
  t.equal(elsewhere, 'allowed')
  t.equal(Object.keys(found).length, 2 * names.length + 3)
  // As root the server has a uid that may not write here anyway; as a user it is the mounts alone.
  for (const [act, outcome] of Object.entries(found)) t.match(outcome, /^E(ROFS|BUSY|ACCES|TXTBSY)$/, act)
  t.notOk(existsSync(join(packageFolder, 'dist/mcpo-evil')))
  t.equal(statSync(launcher).mtimeMs, before)
})
