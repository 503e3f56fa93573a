/** A policy that would hand the gateway's own files over is refused, in words that say which line it is. */
import { dirname, join } from 'node:path'
import t from 'tap'
import { McpoError } from '../../lib/errors.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, packageFolder, paths } from '../support/attack.ts'
import { makeOwnFiles } from '../support/own-files.ts'

await enforceable(t, "a grant of the gateway's own files is a configuration error that names the path", async (t) => {
  const own = makeOwnFiles(t)
  own.place.makeFolder('run/mcp-one')
  const refused = [
    [own.config, /holds the gateway's own state or secrets/],
    [`${own.config}:ro`, /holds the gateway's own state or secrets/],
    [own.state, /holds the gateway's own state or secrets/],
    [`${own.state}:ro`, /holds the gateway's own state or secrets/],
    [own.runtime, /holds the gateway's own state or secrets/],
    [dirname(own.config), /holds the configuration or the program/],
    [own.program, /holds the configuration or the program/],
    [join(own.program, 'dist'), /belongs to the gateway itself/],
    [join(own.program, 'dist/lib'), /belongs to the gateway itself/],
    [join(own.program, 'node_modules/dep'), /belongs to the gateway itself/],
    ['/', /holds everything/],
    ['/proc/self', /it is the kernel's \(proc\)/],
  ] as const
  for (const [path, words] of refused) {
    const error = await failureOf(attack('pass', { filesystem: paths(path), context: own.context }))
    t.equal(error?.code, 'CONFIG_ERROR', path)
    t.match(error?.message, words, path)
    t.ok(error?.message.includes(path.replace(/:ro$/, '')), 'the path is named')
    t.ok(error?.hint, 'and what to do')
  }
})

await enforceable(t, 'the installed program is refused likewise', async (t) => {
  for (const name of ['dist', 'bin', 'build', 'build/Release', 'node_modules', '.']) {
    const error = await failureOf(attack('pass', { filesystem: paths(join(packageFolder, name)) }))
    t.equal(error?.code, 'CONFIG_ERROR', name)
  }
})

await enforceable(t, 'a folder beside them, and the program read-only, may be granted', async (t) => {
  const own = makeOwnFiles(t)
  const beside = join(dirname(own.config), 'src')
  const filesystem = paths(beside, `${own.program}:ro`)
  const given = { beside, program: own.program }
  const code = `
act('write beside', lambda: write(f'{beside}/new'))
act('read the program', lambda: read(f'{program}/dist/lib/main.js'))
act('write the program', lambda: write(f'{program}/dist/lib/main.js'))`
  const found = await attack(code, { filesystem, context: own.context, given })
  t.same(found, { 'write beside': 'allowed', 'read the program': 'allowed', 'write the program': 'EROFS' })
})

async function failureOf(attempt: Promise<unknown>): Promise<McpoError | undefined> {
  return attempt.then(
    () => undefined,
    (error) => (error instanceof McpoError ? error : Promise.reject(error)),
  )
}
