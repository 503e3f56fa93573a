import { deepEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import yargs from 'yargs'
import { runOptions } from '../../../lib/cli/sandbox-run/flags.ts'
import { plainFlags } from '../../../lib/cli/sandbox-run/plain-flags.ts'

/** Flags as the command gets them from yargs; `null` where yargs refuses them, or does something else. */
function flagsOfYargs(args: readonly string[]): Record<string, unknown> | null {
  let refused = false
  const parsed = yargs([...args])
    .parserConfiguration({ 'populate--': true, 'parse-positional-numbers': false })
    .options(runOptions)
    .strict()
    .help(false)
    .version(false)
    .exitProcess(false)
    .fail(() => {
      refused = true
    })
    .parseSync() as Record<string, unknown>
  if (refused) return null
  return Object.fromEntries(Object.keys(runOptions).flatMap((name) => (name in parsed ? [[name, parsed[name]]] : [])))
}

const plain: readonly (readonly string[])[] = [
  [],
  ['--ro', '/usr/share', '--ro=/opt', '--rw', 'work'],
  ['--network', 'host', '--json', '--explain'],
  ['--network', 'example.org:443', '--network=npm'],
  ['--filesystem=host-readonly', '--env-inherit', '--cwd', '/tmp'],
  ['--max-memory-mb', '64', '--max-cpu-percent=250', '--max-pids', '9'],
  ['--env', 'A=1', '--env=B=2=3', '--env', 'C=with blank\nand line'],
  ['--best-effort', 'memory,cpu', '--allow-persistence', 'git'],
]

for (const args of plain) {
  t.test(`${JSON.stringify(args)} is read without yargs, and as yargs reads it`, async (t) => {
    const flags = plainFlags(args, runOptions)
    t.ok(flags)
    t.same(flags, flagsOfYargs(args))
  })
}

for (const args of [
  ['--help'],
  ['-h'],
  ['--version'],
  ['--unknown'],
  ['--toString', '1'],
  ['word'],
  ['--json', 'true'],
  ['--json=false'],
  ['--no-json'],
  ['--json', '--json'],
  ['--cwd'],
  ['--cwd='],
  ['--cwd', '--json'],
  ['--cwd', '/a', '--cwd', '/b'],
  ['--env', '"A=1"'],
  ['--ro', '/a', '/b'],
  ['--network', "'npm'"],
  ['--max-pids', 'many'],
  ['--max-pids', '1e3'],
  ['--max-pids', '0'],
  ['--maxPids', '5'],
]) {
  t.test(`${JSON.stringify(args)} is left to yargs`, async (t) => {
    t.equal(plainFlags(args, runOptions), null)
  })
}

t.test('whatever is read without yargs is read as yargs reads it', async (t) => {
  const name = fc.constantFrom(...Object.keys(runOptions), 'help', 'no-json', 'maxPids', 'x')
  const value = fc.oneof(
    fc.constantFrom(
      'none',
      'host',
      'readonly',
      'full',
      '1',
      '64',
      '007',
      '0x10',
      '1e3',
      '',
      ' ',
      'true',
      'false',
      '/a b',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 6 }),
  )
  const flag = fc.oneof(
    name.map((each) => [`--${each}`]),
    fc.tuple(name, value).map(([each, text]) => [`--${each}=${text}`]),
    fc.tuple(name, value).map(([each, text]) => [`--${each}`, text]),
  )
  let read = 0
  fc.assert(
    fc.property(fc.array(flag, { maxLength: 4 }), (flags) => {
      const args = flags.flat()
      const found = plainFlags(args, runOptions)
      if (found === null) return
      read += 1
      deepEqual({ ...found }, flagsOfYargs(args))
    }),
    { numRuns: 1000 },
  )
  t.ok(read > 50, `${read} were read`)
})
