/** Pid 1 of the sandbox was made by the gateway's side: what it holds could be a way out. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const ways = `
for pid in (1, 'self'):
    for name in ('environ', 'maps', 'auxv', 'stack', 'syscall'):
        act(f'{pid}/{name}', lambda: read(f'/proc/{pid}/{name}'))
    for name in ('root', 'cwd', 'fd', 'map_files'):
        act(f'{pid}/{name}', lambda: os.listdir(f'/proc/{pid}/{name}'))
    for name in ('exe', 'ns/mnt', 'ns/user'):
        act(f'{pid}/{name}', lambda: os.close(os.open(f'/proc/{pid}/{name}', os.O_RDONLY)))
    act(f'{pid}/mem', lambda: os.close(os.open(f'/proc/{pid}/mem', os.O_RDWR)))
tell('name', read('/proc/1/comm').strip())
`

await enforceable(t, 'pid 1 shows neither its memory, its folders nor its descriptors', async (t) => {
  const found = await attack(ways)
  t.equal(found['name'], 'mcpo-launch')
  const ofInit = Object.entries(found).filter(([act]) => act.startsWith('1/'))
  t.equal(ofInit.length, 13)
  // User Mode Linux has no `syscall`, of nobody.
  const refused = (act: string) => (found[act.replace('1/', 'self/')] === 'ENOENT' ? 'ENOENT' : /^E(ACCES|PERM)$/)
  for (const [act, outcome] of ofInit) t.match(outcome, refused(act), act)
  for (const name of ['environ', 'maps', 'root', 'cwd', 'fd', 'exe'])
    t.equal(found[`self/${name}`], 'allowed', `its own ${name}`)
})
