/** What the documents say is there is there: links, commands, options, configurations, and the places in the code. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../lib/config/load.ts'
import { makeConfig } from '../support/serve.ts'

const root = join(import.meta.dirname, '../../..')
const documents = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'] as const
const textOf = (name: string): string => readFileSync(join(root, name), 'utf8')
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }

t.test('links lead to files that exist', async (t) => {
  for (const name of documents) {
    for (const [, target = ''] of textOf(name).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|mailto:|#)/.test(target)) continue
      const [path = ''] = target.split('#')
      t.ok(existsSync(join(root, dirname(name), path)), `${name}: ${target}`)
    }
  }
})

t.test('files and folders named in backticks exist', async (t) => {
  let count = 0
  for (const name of documents) {
    // The release notes may name what is gone.
    if (name === 'CHANGELOG.md') continue
    for (const [, path = ''] of textOf(name).matchAll(
      /`((?:lib|native|test|benchmarks|bin|\.ci)\/[\w./-]*)(?::\d+)?`/g,
    )) {
      count += 1
      t.ok(existsSync(join(root, path)), `${name}: ${path}`)
    }
  }
  t.ok(count > 10)
})

t.test('npm scripts that are named exist', async (t) => {
  const builtIn = ['ci', 'test', 'start']
  for (const name of documents) {
    for (const [, run, word = ''] of textOf(name).matchAll(/\bnpm (run )?([a-z][a-z:-]*)/g)) {
      // "npm install" and prose such as "npm package" are not ours.
      if (run === undefined && !builtIn.includes(word)) continue
      t.ok(word === 'ci' || word in scripts, `${name}: npm ${run ?? ''}${word}`)
    }
  }
})

t.test('commands of mcpo that are shown have these options', async (t) => {
  const helpOf = new Map<string, string>()
  for (const [, line = ''] of blocks('README.md', 'sh').matchAll(/^mcpo (.*)$/gm)) {
    const [options = ''] = line.replace(/ #.*$/, '').split(' -- ')
    const words = options.split(/\s+/).filter((word) => word !== '')
    const firstOption = words.findIndex((word) => word.startsWith('-'))
    const command = words.slice(0, firstOption < 0 ? words.length : firstOption).join(' ')
    const help = helpOf.get(command) ?? helpFor(command)
    helpOf.set(command, help)
    for (const option of words.filter((word) => word.startsWith('--'))) t.match(help, option, `mcpo ${line}`)
  }
  t.same([...helpOf.keys()].sort(), ['doctor', 'sandbox learn NAME', 'sandbox run', 'serve'])
  const serve = helpOf.get('serve') ?? ''
  for (const [, short = '', long = ''] of textOf('README.md').matchAll(/`(-\w)\/(--[\w-]+)`/g))
    t.match(serve, `${short}, ${long}`)
})

t.test('configurations that are shown load', async (t) => {
  for (const name of documents) {
    const toml = blocks(name, 'toml')
    if (toml === '') continue
    const { file, env } = makeConfig(t, toml)
    t.ok((await loadConfig(file, env)).servers.length > 0, name)
  }
})

t.test('each place in the code that ARCHITECTURE.md names holds the word beside it', async (t) => {
  if (process.env['UPDATE_GOLDEN'] !== undefined) moveLines()
  const places = placesIn(textOf('ARCHITECTURE.md'))
  t.ok(places.length > 0, 'there is a table of places')
  for (const { path, line, word } of places) {
    const found = existsSync(join(root, path)) ? (textOf(path).split('\n')[line - 1] ?? '') : '(no such file)'
    t.ok(found.includes(word), `${path}:${line} should hold ${word}: ${found.trim()}`)
  }
})

/** Where code has moved: each row gets the first line that holds its word. */
function moveLines(): void {
  let text = textOf('ARCHITECTURE.md')
  for (const row of text.split('\n')) {
    let moved = row
    for (const { path, line, word } of placesIn(row)) {
      const at = textOf(path)
        .split('\n')
        .findIndex((each) => each.includes(word))
      if (at >= 0) moved = moved.replace(`${path}:${line}`, `${path}:${at + 1}`)
    }
    text = text.replace(row, moved)
  }
  writeFileSync(join(root, 'ARCHITECTURE.md'), text)
}

function blocks(name: string, language: string): string {
  const found = [...textOf(name).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))]
  return found.map(([, text]) => text).join('\n')
}

function helpFor(command: string): string {
  return execFileSync(process.execPath, [join(root, 'bin/mcpo.js'), ...command.split(' '), '--help'], {
    encoding: 'utf8',
  })
}

/** Rows of a table with `path:line` in one cell and the words that these lines hold in the next. */
function placesIn(text: string): { path: string; line: number; word: string }[] {
  const rows = text.split('\n').filter((row) => row.startsWith('|'))
  return rows.flatMap((row) => {
    const cells = row.split('|')
    return cells.flatMap((cell, index) => {
      const places = [...cell.matchAll(/`([\w./-]+):(\d+)`/g)]
      const words = [...(cells[index + 1] ?? '').matchAll(/`([^`]+)`/g)].map(([, word]) => word ?? '')
      // A place without a word of its own shares the last one.
      return places.map(([, path = '', line], place) => {
        return {
          path,
          line: Number(line),
          word: words[place] ?? words.at(-1) ?? '(a word in backticks in the next cell)',
        }
      })
    })
  })
}
