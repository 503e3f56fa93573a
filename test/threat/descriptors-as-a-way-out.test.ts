/** `mcpo sandbox run` is given a standard stream that is more than a stream. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { findingsOf, packageFolder, python, pythonArguments } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'
import { mcpo } from '../support/serve.ts'

const pathOnly = 0o10000000
const run = ['sandbox', 'run', '--', python]

t.test('a folder, a descriptor that only names a file, and a device are refused', async (t) => {
  const place = makePlace(t)
  const env = { PATH: process.env['PATH'], HOME: place.folder }
  const file = place.file('file')
  const refused: [string, number, RegExp][] = [
    ['a folder', openSync(place.folder, constants.O_RDONLY), /folder/],
    ['the root', openSync('/', constants.O_RDONLY), /folder/],
    ['a named folder', openSync('/', pathOnly), /O_PATH/],
    ['a named file', openSync(file, pathOnly), /O_PATH/],
    [
      'a terminal multiplexer',
      openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY),
      /neither a pipe, a file, a socket nor a terminal/,
    ],
    ...blockDevice(),
  ]
  for (const [what, fd, words] of refused) {
    const finished = await mcpo([...run, '-c', 'print("ran")'], env, fd)
    closeSync(fd)
    t.not(finished.code, 0, what)
    t.match(finished.stderr, words, what)
    t.match(finished.stderr, /^mcpo: the standard input /, what)
    t.equal(finished.stdout, '', 'nothing ran')
  }
})

t.test('the same as standard output or standard error is refused', async (t) => {
  const place = makePlace(t)
  const env = { PATH: process.env['PATH'], HOME: place.folder }
  for (const stream of [1, 2]) {
    const fd = openSync(place.folder, constants.O_RDONLY)
    const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'pipe', 'pipe']
    stdio[stream] = fd
    const child = spawn(process.execPath, [join(packageFolder, 'bin/mcpo.js'), ...run, '-c', 'pass'], { env, stdio })
    const [code] = await once(child, 'exit')
    closeSync(fd)
    t.not(code, 0)
  }
})

const reopen = `
tell('said', sys.stdin.read())
for fd in (0, 1):
    tell(f'kind {fd}', os.readlink(f'/proc/self/fd/{fd}').split(':')[0])
    act(f'truncate {fd}', lambda: os.ftruncate(fd, 0))
    act(f'seek {fd}', lambda: os.lseek(fd, 0, 0))
`

await enforceable(t, 'a file is copied, so that the command can neither seek in it nor truncate it', async (t) => {
  const place = makePlace(t)
  const [input, output] = [place.file('input', 'from the file'), place.file('output', '')]
  writeFileSync(output, '["before",true]\n')
  const stdio = [openSync(input, 'r+'), openSync(output, 'a'), 'inherit'] as const
  const env = { PATH: process.env['PATH'], HOME: place.folder }
  const child = spawn(process.execPath, [join(packageFolder, 'bin/mcpo.js'), ...run, ...pythonArguments(reopen)], {
    env,
    stdio: [...stdio],
  })
  const [code] = await once(child, 'exit')
  for (const fd of stdio) if (typeof fd === 'number') closeSync(fd)
  t.equal(code, 0)
  const found = findingsOf(readFileSync(output, 'utf8'))
  t.match(found, { before: true, said: 'from the file', 'kind 0': 'pipe', 'kind 1': 'pipe' })
  for (const fd of [0, 1])
    for (const act of ['truncate', 'seek']) t.match(found[`${act} ${fd}`], /^E(INVAL|SPIPE)$/, act)
  t.equal(readFileSync(input, 'utf8'), 'from the file')
})

/** One that this user may open, if this machine has any. */
function blockDevice(): [string, number, RegExp][] {
  for (const entry of readdirSync('/dev', { withFileTypes: true })) {
    if (!entry.isBlockDevice()) continue
    try {
      return [['a block device', openSync(join('/dev', entry.name), constants.O_RDONLY), /block device/]]
    } catch {
      // Closed to this user, or without a medium.
    }
  }
  return []
}
