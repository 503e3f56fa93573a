import t from 'tap'
import { parseMessage, splice } from '../../../lib/protocol/message.ts'
import { renamingEdits } from '../../../lib/protocol/renaming.ts'
import { newestLegacy, newestModern } from '../../../lib/protocol/revisions/index.ts'
import { nameOf } from '../../../lib/protocol/revisions/requests.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import {
  answerRenamings,
  eventRenamings,
  taskIdOf,
  withoutTaskList,
  withoutTasks,
} from '../../../lib/protocol/tasks.ts'

const messageOf = (text: string) => parseMessage([Buffer.from(text)], scanChunkJs)
const shown = (id: string) => `shown-${id}`
const related = '"_meta":{"io.modelcontextprotocol/related-task":{"taskId":"a"}}'
const relatedShown = related.replace('"a"', '"shown-a"')

function answered(method: string, result: string): string {
  const message = messageOf(`{"id":1,"result":${result}}`)
  const bytes = Buffer.concat(splice(message, renamingEdits(message, answerRenamings(method, shown)))).toString()
  return bytes.slice('{"id":1,"result":'.length, -1)
}

t.test('a task that came of a call is renamed, and nothing that only looks like one', async (t) => {
  t.equal(answered('tools/call', '{"task":{"x":1.0, "taskId":"a"}}'), '{"task":{"x":1.0, "taskId":"shown-a"}}')
  t.equal(answered('tools/call', '{"resultType":"task","taskId":"a"}'), '{"resultType":"task","taskId":"shown-a"}')
  for (const result of [
    '{"resultType":"complete","taskId":"a"}',
    '{"taskId":"a"}',
    '{"structuredContent":{"taskId":"a","task":{"taskId":"a"}},"content":[{"taskId":"a"}]}',
  ])
    t.equal(answered('tools/call', result), result)
})

t.test('the list of tasks goes out of what a server offers, and nothing else changes', async (t) => {
  const offered = (result: string) => {
    const message = messageOf(`{"id":1,"result":${result}}`)
    return Buffer.concat(splice(message, withoutTaskList(message)))
      .toString()
      .slice('{"id":1,"result":'.length, -1)
  }
  const capabilities = (tasks: string) => `{"capabilities":{"x":1.0,"tasks":${tasks},"list":{}},"tasks":{"list":{}}}`
  t.equal(offered(capabilities('{"list":{}, "cancel":{}}')), capabilities('{"cancel":{}}'))
  t.equal(offered(capabilities('{"cancel":{} ,"list":{"list":{}}}')), capabilities('{"cancel":{}}'))
  for (const result of [capabilities('{}'), capabilities('[]'), '{"capabilities":null}', '{"tasks":{"list":{}}}', '7'])
    t.equal(offered(result), result)
})

t.test('each answer about tasks names them in its own places', async (t) => {
  for (const method of ['tasks/get', 'tasks/cancel'])
    t.equal(answered(method, '{"taskId":"a","result":{"taskId":"a"}}'), '{"taskId":"shown-a","result":{"taskId":"a"}}')
  t.equal(answered('tasks/result', `{"taskId":"a",${related}}`), `{"taskId":"a",${relatedShown}}`)
  t.equal(
    answered('tasks/list', '{"tasks":[{"taskId":"a"},{"taskId":"b"}]}'),
    '{"tasks":[{"taskId":"shown-a"},{"taskId":"shown-b"}]}',
  )
})

t.test('what a server says of itself names tasks in its params, where its method is about tasks', async (t) => {
  for (const [method, before, after] of [
    ['notifications/tasks/status', '"taskId":"a"', '"taskId":"shown-a"'],
    ['notifications/tasks', '"taskId":"a"', '"taskId":"shown-a"'],
    ['notifications/message', `"taskId":"a",${related}`, `"taskId":"a",${relatedShown}`],
    ['elicitation/create', related, relatedShown],
  ] as const) {
    const message = messageOf(`{"method":"${method}","params":{${before}}}`)
    const bytes = Buffer.concat(splice(message, renamingEdits(message, eventRenamings(shown)))).toString()
    t.equal(bytes, `{"method":"${method}","params":{${after}}}`)
  }
})

t.test('the id of a task is read once, whatever its key is spelled like', async (t) => {
  const idIn = (params: string) => taskIdOf(messageOf(`{"id":1,"method":"tasks/get","params":${params}}`))?.text ?? null
  t.equal(idIn('{"x":{"taskId":"b"},"task\\u0049d":"a"}'), 'a')
  for (const params of ['{}', '[]', '{"taskId":7}', '{"taskID":"a"}']) t.equal(idIn(params), null, params)
  for (const key of ['taskId', 'task\\u0049d', 'TASKID'])
    t.throws(() => idIn(`{"taskId":"a","${key}":"b"}`), { code: 'INVALID_PARAMS' }, key)
})

t.test('Mcp-Name repeats the id of a task in requests of the extension', async (t) => {
  const requestOf = (method: string) => messageOf(`{"id":1,"method":"${method}","params":{"taskId":"a","name":"n"}}`)
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
    t.equal(nameOf(newestModern, requestOf(method)), 'a')
  t.equal(nameOf(newestModern, requestOf('tasks/result')), null)
  t.equal(nameOf(newestModern, requestOf('tools/call')), 'n')
  t.equal(nameOf(newestLegacy, requestOf('tasks/get')), null)
})

t.test('for the other era a server has no tasks, and everything else', async (t) => {
  const extensions = { 'io.modelcontextprotocol/tasks': {}, 'x/y': {} }
  t.same(withoutTasks({ tools: {}, tasks: {}, extensions }), { tools: {}, extensions: { 'x/y': {} } })
  t.same(withoutTasks({ extensions: { 'io.modelcontextprotocol/tasks': {} } }), {})
})
