import t from 'tap'
import { findTask, servesOthers, TaskNames, taskNames } from '../../../lib/gateway/task-names.ts'
import { parseMessage, splice } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import { remote, server } from '../../fixtures/gateway.ts'

const messageOf = (text: string) => parseMessage([Buffer.from(text)], scanChunkJs)
const names = new TaskNames('one', 'ann')

t.test('the id that a client is shown leads back, is the same each time, and shows nothing', async (t) => {
  for (const id of ['task-1', '', '"\\\ud800', 'x'.repeat(2000)]) {
    const shown = names.shown(id)
    t.equal(names.shown(id), shown)
    t.match(shown, /^[\w-]+$/)
    t.same(findTask('ann', shown), { server: 'one', id })
    t.equal(names.own(shown), id)
  }
  t.notMatch(Buffer.from(names.shown('task-1'), 'base64url').toString(), /task|one/)
})

t.test('two servers, and two principals, never have the same id', async (t) => {
  const all = ['one', 'two'].flatMap((server) =>
    ['ann', 'bob'].map((who) => new TaskNames(server, who).shown('task-1')),
  )
  t.equal(new Set(all).size, 4)
})

t.test("another principal's, another server's and a made-up id are none", async (t) => {
  const shown = names.shown('task-1')
  t.equal(findTask('bob', shown), null)
  t.equal(new TaskNames('two', 'ann').own(shown), null)
  const bytes = Buffer.from(shown, 'base64url')
  bytes[20] = (bytes[20] ?? 0) ^ 1
  for (const text of ['', 'task-1', `${shown}=`, `${shown} `, bytes.toString('base64url'), 'A'.repeat(100_000)])
    t.equal(findTask('ann', text), null, text.slice(0, 30))
})

t.test(
  "a request's task must be the principal's own; what it merely belongs to is translated where it is",
  async (t) => {
    const meta = (id: string) => `"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"${id}"}}`
    const edited = (text: string) =>
      Buffer.concat(
        splice(
          messageOf(text),
          names.requestEdits(messageOf(text)).toSorted((a, b) => a.span.start - b.span.start),
        ),
      ).toString()
    const call = (id: string) => `{"id":1,"method":"tools/call","params":{"taskId":"x",${meta(id)}}}`
    t.equal(edited(call(names.shown('a'))), call('a'))
    t.equal(edited(call('a')), call('a'))
    const get = (id: string) => `{"id":1,"method":"tasks/get","params":{ "taskId" : "${id}"}}`
    t.equal(edited(get(names.shown('a'))), get('a'))
    for (const id of ['a', new TaskNames('one', 'bob').shown('a'), new TaskNames('two', 'ann').shown('a')])
      t.throws(() => edited(get(id)), { code: 'INVALID_PARAMS', message: 'There is no such task' })
  },
)

t.test('ids are sealed where others can reach the same tasks, and left alone where nobody can', async (t) => {
  const [own, shared, away] = [
    server('a', []),
    server('a', [], { sharing: 'shared' }),
    remote('a', 'http://127.0.0.1:1/'),
  ]
  t.same([own, shared, away].map(servesOthers), [false, true, true])
  t.equal(taskNames('a', own, 'ann'), null)
  t.ok(taskNames(null, own, 'ann'))
  t.ok(taskNames('a', shared, 'ann'))
})
