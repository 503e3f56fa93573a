/** A server leaves code in a folder that it may write, for git, an editor, an agent or a shell to run outside the sandbox. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, type Findings, paths } from '../support/attack.ts'
import { makePlace, type Place } from '../support/place.ts'

const ways = `
import shutil, subprocess
def into(name, inner):
    path = f'{folder}/{name}'
    act(f'{name}: write', lambda: write(path))
    act(f'{name}: fill', lambda: (os.makedirs(path, exist_ok=True), write(f'{path}/{inner}')))
    act(f'{name}: rename over', lambda: (write(f'{folder}/spare'), os.rename(f'{folder}/spare', path)))
    act(f'{name}: rename away', lambda: os.rename(path, f'{folder}/stolen'))
    act(f'{name}: symlink', lambda: os.symlink('/tmp', path))
    act(f'{name}: remove', lambda: (os.rmdir if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path))
for name, inner in names.items():
    into(name, inner)
act('beside', lambda: write(f'{folder}/work.txt'))
act('.git away', lambda: os.rename(f'{folder}/.git', f'{folder}/got'))
act('repository away', lambda: os.rename(f'{folder}/sub/repo', f'{folder}/sub/moved'))
act('above away', lambda: os.rename(f'{folder}/sub', f'{folder}/moved'))
`

/** Each with what a folder of that name could hold. */
const guardedNames = {
  '.git/hooks': 'pre-commit',
  '.git/config': 'x',
  '.git/commondir': 'x',
  '.git/config.worktree': 'x',
  'sub/repo/.git/hooks': 'post-checkout',
  'sub/repo/.git/config': 'x',
  'sub/repo/.mcp.json': 'x',
  'sub/.vscode': 'tasks.json',
  '.mcp.json': 'x',
  '.claude': 'settings.json',
  '.cursor': 'mcp.json',
  '.vscode': 'tasks.json',
  '.idea': 'workspace.xml',
  '.bashrc': 'x',
  '.profile': 'x',
  '.zshrc': 'x',
}

await enforceable(
  t,
  'neither what exists is changed nor what is absent made, and nothing is left behind',
  async (t) => {
    const place = withRepositories(t)
    const before = readdirSync(place.folder).sort()
    const config = readFileSync(join(place.folder, '.git/config'), 'utf8')
    const found = await attackOn(place, ways, guardedNames)
    t.equal(found['beside'], 'allowed', 'the folder itself is writable')
    const acts = Object.entries(found).filter(([act]) => act !== 'beside')
    t.equal(acts.length, Object.keys(guardedNames).length * 6 + 3)
    for (const [act, outcome] of acts) t.match(outcome, /^E(ROFS|BUSY|EXIST|XDEV|ISDIR|NOTDIR|NOTEMPTY|ACCES)$/, act)
    t.equal(found['.vscode: fill'], 'EROFS', 'the mount refuses')
    t.same(readdirSync(place.folder).sort(), [...before, 'spare', 'work.txt'].sort())
    t.equal(readFileSync(join(place.folder, '.git/config'), 'utf8'), config)
    t.same(readdirSync(join(place.folder, '.git/hooks')), ['kept'])
    t.notOk(existsSync(join(place.folder, '.git/commondir')))
  },
)

await enforceable(t, 'what the policy allows by name can be written', async (t) => {
  const place = withRepositories(t)
  const names = { '.git/hooks': 'pre-commit', '.vscode': 'tasks.json' }
  const act =
    "for name, inner in names.items(): act(name, lambda: (os.makedirs(f'{folder}/{name}', exist_ok=True), write(f'{folder}/{name}/{inner}')))"
  const policy = { filesystem: paths(place.folder), given: { folder: place.folder, names } }
  t.same(await attack(act, { ...policy, allowPersistence: ['git'] }), { '.git/hooks': 'allowed', '.vscode': 'EROFS' })
})

await enforceable(t, 'git works in a guarded repository', async (t) => {
  const place = withRepositories(t)
  const script = `
import subprocess
os.environ.update(GIT_AUTHOR_NAME='a', GIT_AUTHOR_EMAIL='a@b', GIT_COMMITTER_NAME='a', GIT_COMMITTER_EMAIL='a@b', GIT_CONFIG_COUNT='1', GIT_CONFIG_KEY_0='safe.directory', GIT_CONFIG_VALUE_0='*')
def git(*words):
    done = subprocess.run(['git', '-C', folder, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    tell(words[0], 'done' if done.returncode == 0 else done.stdout)
write(f'{folder}/new.txt')
git('add', 'new.txt')
git('commit', '-m', 'one')
git('branch', 'other')
git('switch', 'other')
git('merge', 'other')
git('stash', 'list')
git('gc', '--quiet')
git('status', '--short')
`
  const found = await attackOn(place, script, {})
  t.equal(Object.keys(found).length, 8)
  for (const [command, outcome] of Object.entries(found)) t.equal(outcome, 'done', command)
})

await enforceable(t, 'a guarded name that is a symbolic link cannot be exchanged', async (t) => {
  const place = withRepositories(t)
  mkdirSync(join(place.folder, 'settings'), { mode: 0o777 })
  symlinkSync('settings', join(place.folder, '.vscode'))
  symlinkSync('nowhere', join(place.folder, '.mcp.json'))
  const found = await attackOn(place, ways, { '.vscode': 'tasks.json', '.mcp.json': 'x' })
  t.match(found, {
    '.vscode: remove': 'EBUSY',
    '.vscode: fill': /^E(EXIST|NOTDIR)$/,
    '.mcp.json: remove': 'EBUSY',
    '.mcp.json: write': 'EROFS',
  })
})

await enforceable(t, 'two servers in one folder: the first to end leaves the guards of the other', async (t) => {
  const place = withRepositories(t)
  const filesystem = paths(place.folder)
  const late =
    "import time\nwrite(f'{folder}/ready')\nwhile not os.path.exists(f'{folder}/go'): time.sleep(0.01)\nact('late', lambda: write(f'{folder}/.mcp.json'))"
  const slow = attack(late, { filesystem, given: { folder: place.folder } })
  const quick =
    "import time\nwhile not os.path.exists(f'{folder}/ready'): time.sleep(0.01)\nact('quick', lambda: write(f'{folder}/.mcp.json'))"
  t.match(await attack(quick, { filesystem, given: { folder: place.folder } }), { quick: /^E(ROFS|ISDIR)$/ })
  t.ok(existsSync(join(place.folder, '.mcp.json')))
  place.file('go')
  t.match(await slow, { late: /^E(ROFS|ISDIR)$/ })
  t.notOk(existsSync(join(place.folder, '.mcp.json')))
})

function attackOn(place: Place, code: string, names: object): Promise<Findings> {
  return attack(code, { filesystem: paths(place.folder), given: { folder: place.folder, names } })
}

function withRepositories(t: Test): Place {
  const place = makePlace(t)
  for (const folder of [place.folder, place.makeFolder('sub/repo')]) {
    execFileSync('git', ['init', '-q', '--template=', folder], {
      env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
    })
    execFileSync('chmod', ['-R', 'a+rwX', join(folder, '.git')])
  }
  place.makeFolder('sub/.vscode')
  place.file('.git/hooks/kept')
  return place
}
