/**
 * `mcpo sandbox learn` with servers as they are published and a client that uses them: what is printed is all that they need, and no
 * more, and they run under it. As root, for folders outside /tmp.
 */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { makePlace } from '../support/place.ts'
import { Account, packageRoot, users } from './sandbox-run.ts'

const program = join(packageRoot, 'bin/mcpo.js')
const published = (name: string): string =>
  join(packageRoot, 'node_modules/@modelcontextprotocol', name, 'dist/index.js')
const clientInfo = { name: 'learner', version: '1' }

interface Call {
  readonly name: string
  readonly arguments: object
}

interface Visit {
  /** Of each call, its first text. */
  readonly answers: readonly string[]
  readonly stderr: string
}

/** A client's whole session with what a command serves on its standard input and output. */
async function visit(account: Account, command: readonly string[], calls: readonly Call[]): Promise<Visit> {
  const child = account.startOther(command, 'pipe')
  if (child.stdin === null || child.stdout === null || child.stderr === null) throw new Error('no pipes')
  const stderr = text(child.stderr)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let id = 0
  const say = (message: object): void => void child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const ask = async (method: string, params: object): Promise<{ result?: { content?: { text?: string }[] } }> => {
    id += 1
    say({ id, method, params })
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`it ended: ${await stderr}`)
      const message = JSON.parse(value)
      if (message.id === id && message.method === undefined) return message
    }
  }
  await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
  say({ method: 'notifications/initialized' })
  await ask('tools/list', {})
  const answers: string[] = []
  for (const call of calls) answers.push((await ask('tools/call', call)).result?.content?.[0]?.text ?? '')
  child.stdin.end()
  await once(child, 'close')
  return { answers, stderr: await stderr }
}

for (const user of users()) {
  await enforceable(t, `as ${user.name}: the file server needs its folder, and not what is above it`, async (t) => {
    const account = new Account(t, user)
    const place = makePlace(t, '/srv')
    const notes = place.makeFolder('work/notes')
    place.file('work/notes/a', 'a note')
    place.file('work/secret', 'not asked for')
    const calls = [
      { name: 'read_text_file', arguments: { path: join(notes, 'a') } },
      { name: 'write_file', arguments: { path: join(notes, 'new'), content: 'x' } },
    ]
    const server = `[[servers]]\nname = "files"\ncommand = "node"\nargs = [${JSON.stringify(published('server-filesystem'))}, "${notes}"]\n`
    const config = join(account.folder('config'), 'config.toml')
    const configure = (toml: string): void => {
      writeFileSync(config, toml)
      account.own(config)
    }
    configure(server)
    const watched = await visit(account, [process.execPath, program, 'sandbox', 'learn', 'files', '-c', config], calls)
    t.match(watched.answers, ['a note', /EROFS/], 'it is watched, and may not write')
    const policy = policyIn(watched.stderr)
    t.equal(policy, `[servers.sandbox]\nnetwork = false\nfilesystem = ["${notes}"]\n`)
    t.match(watched.stderr, /^# It could not write in this run: learn again/m)

    configure(server + policy)
    const serving = await visit(
      account,
      [process.execPath, program, 'serve', '--stdio', '--server', 'files', '-c', config],
      calls,
    )
    t.match(serving.answers, ['a note', /Successfully wrote/])
    const again = await visit(account, [process.execPath, program, 'sandbox', 'learn', 'files', '-c', config], calls)
    t.match(again.answers, ['a note', /Successfully wrote/])
    t.equal(policyIn(again.stderr), policy, 'the same is learned of it then')
    t.notMatch(again.stderr, /It could not write/)
  })

  await enforceable(t, `as ${user.name}: a server that works on nothing needs nothing`, async (t) => {
    const account = new Account(t, user)
    const config = join(account.folder('config'), 'config.toml')
    const server = `[[servers]]\nname = "every"\ncommand = "node"\nargs = [${JSON.stringify(published('server-everything'))}, "stdio"]\n`
    writeFileSync(config, server)
    account.own(config)
    const calls = [{ name: 'echo', arguments: { message: 'hello' } }]
    const { answers, stderr } = await visit(
      account,
      [process.execPath, program, 'sandbox', 'learn', 'every', '-c', config],
      calls,
    )
    t.match(answers, [/hello/])
    t.equal(policyIn(stderr), '[servers.sandbox]\nnetwork = false\nfilesystem = "readonly"\n')
  })
}

/** The table alone. */
function policyIn(printed: string): string {
  return /^\[servers\.sandbox\]\n([a-z]+ = .*\n)+/m.exec(printed)?.[0] ?? ''
}
