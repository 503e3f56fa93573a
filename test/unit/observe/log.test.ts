import { spawnSync } from 'node:child_process'
import { Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { createLogger, type LogOptions, logLevels, logOptions } from '../../../lib/observe/log.ts'

const json: LogOptions = { level: 'trace', pretty: false, color: false }

function logged(options: LogOptions, write: (log: ReturnType<typeof createLogger>) => void): string {
  const chunks: string[] = []
  write(createLogger(options, { write: (line: string) => chunks.push(line) }))
  return chunks.join('')
}

function prettyLogged(options: LogOptions, write: (log: ReturnType<typeof createLogger>) => void): Promise<string> {
  return new Promise((resolve) => {
    const sink = new Writable({
      write(chunk, _encoding, done) {
        resolve(String(chunk))
        done()
      },
    })
    write(createLogger(options, sink))
  })
}

t.test('a terminal gets lines for people, in colour unless NO_COLOR says otherwise', async (t) => {
  t.strictSame(logOptions('info', {}, true), { level: 'info', pretty: true, color: true })
  t.strictSame(logOptions('info', { NO_COLOR: '' }, true), { level: 'info', pretty: true, color: true })
  t.strictSame(logOptions('info', { NO_COLOR: '1' }, true), { level: 'info', pretty: true, color: false })
})

t.test('anything else gets JSON', async (t) => {
  t.strictSame(logOptions('warn', {}, false), { level: 'warn', pretty: false, color: false })
  const line = JSON.parse(logged(json, (log) => log.info({ server: 'files' }, 'started'))) as Record<string, unknown>
  t.match(line, { level: 30, server: 'files', msg: 'started', time: /^\d{4}-\d{2}-\d{2}T.*Z$/ })
})

for (const level of logLevels) {
  t.test(`at level ${level} nothing below is written`, async (t) => {
    const text = logged({ ...json, level }, (log) => {
      for (const each of logLevels) if (each !== 'silent') log[each](each)
    })
    const written = text.split('\n').filter((line) => line !== '')
    t.equal(written.length, logLevels.length - 1 - logLevels.indexOf(level))
  })
}

t.test('a pretty line has its level, its words and its fields', async (t) => {
  const line = await prettyLogged({ level: 'info', pretty: true, color: false }, (log) =>
    log.warn({ server: 'files' }, 'slow'),
  )
  t.match(line, /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: slow\n {4}server: "files"\n$/)
})

const hostile = ['\u001b[2J', '\r forged', '\b\b', '\u009b2J', '\u007f', '\u0000', 'a\\u001b', '\\\u001b', '\u2028']

for (const text of hostile) {
  t.test(`control characters do not reach the terminal: ${encodeURIComponent(text)}`, async (t) => {
    for (const write of [
      (log: ReturnType<typeof createLogger>) => log.info(text),
      (log: ReturnType<typeof createLogger>) => log.info({ text }, 'x'),
    ]) {
      const line = await prettyLogged({ level: 'info', pretty: true, color: false }, write)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      t.notMatch(line, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028]/)
      const written = logged(json, write)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      t.notMatch(written.trimEnd(), /[\u0000-\u001f\u007f-\u009f\u2028]/)
      t.doesNotThrow(() => JSON.parse(written))
    }
  })
}

t.test('ordinary text is left as it is', async (t) => {
  const text = 'tab\tline\nquote " back \\ \\u001b unicode é 😀'
  t.match(JSON.parse(logged(json, (log) => log.info(text))), { msg: text })
})

t.test('lines go to stderr, the last one before an exit too', async (t) => {
  const module = pathToFileURL('dist/lib/observe/log.js').href
  for (const pretty of [true, false]) {
    const program = `import { createLogger } from '${module}'
      createLogger({ level: 'info', pretty: ${pretty}, color: false }).fatal('the last words'); process.exit(3)`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
    t.match(child, { status: 3, stdout: '', stderr: /the last words/ })
  }
})
