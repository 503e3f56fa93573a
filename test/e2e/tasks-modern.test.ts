/** The tasks extension of 2026-07-28 on `/mcp`, in front of two servers that call their tasks the same. */
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { jsonHeaders, send } from '../fixtures/wire.ts'
import { ask, headersOf, type ModernRequest, messageOf, open, resultOf } from './bridge-modern-wire.ts'

const tasked = fixtureServer('tasked.mjs')
const { gateway, url } = await startGateway([
  server('one', [tasked, 'one', 'modern']),
  server('two', [tasked, 'two', 'modern']),
  server('old', [tasked, 'old', 'legacy']),
])
t.teardown(() => gateway.stop(0))
const all = `${url}/mcp`
const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

const make = async (name: string): Promise<string> =>
  (await resultOf(all, { params: { name: `${name}__work`, arguments: {} }, capabilities })).taskId
const about = (method: string, taskId: string, more: object = {}): ModernRequest => ({
  method,
  params: { taskId, ...more },
  capabilities,
  headers: { 'mcp-name': taskId },
})

t.test('the extension is offered, core tasks are not', async (t) => {
  const { capabilities: offered } = await resultOf(all, { method: 'server/discover' })
  t.same(offered.extensions, { 'io.modelcontextprotocol/tasks': {} })
  t.notOk('tasks' in offered)
  const { capabilities: ofOld } = await resultOf(`${all}/old`, { method: 'server/discover' })
  t.notOk('tasks' in ofOld || 'extensions' in ofOld, 'nor across the bridge')
})

t.test('a task is found at the server that made it', async (t) => {
  const [one, two] = [await make('one'), await make('two')]
  t.not(one, two)
  await ask(all, about('tasks/cancel', two))
  t.match(await resultOf(all, about('tasks/get', two)), { taskId: two, status: 'cancelled', resultType: 'complete' })
  t.match(await resultOf(all, about('tasks/get', one)), { taskId: one, status: 'working' })
  t.same(await resultOf(all, about('tasks/update', one, { inputResponses: { a: { taskId: 'x' } } })), {
    resultType: 'complete',
  })
  t.match(await resultOf(all, about('tasks/get', one)), { statusMessage: '{"a":{"taskId":"x"}}' })
})

t.test('Mcp-Name says which task, or the request is refused', async (t) => {
  const taskId = await make('one')
  for (const headers of [{}, { 'mcp-name': 'task-1' }]) {
    const { status, messages } = await ask(all, { ...about('tasks/get', taskId), headers })
    t.equal(status, 400)
    t.match(messages, [{ error: { code: -32020 } }])
  }
  for (const double of ['taskId', 'task\\u0049d', 'TASKID']) {
    const text = JSON.stringify(messageOf(about('tasks/get', taskId)))
    const body = text.replace('"taskId"', `"${double}":"task-1","taskId"`)
    const { messages } = await send(all, 'POST', { ...jsonHeaders, ...headersOf(about('tasks/get', taskId)) }, body)
    t.match(messages, [{ error: { code: -32602, message: /twice/ } }], double)
  }
})

t.test('an unknown task and one that never was are answered alike', async (t) => {
  for (const id of ['task-1', 'never'])
    t.match((await ask(all, about('tasks/get', id))).messages, [
      { error: { code: -32602, message: 'There is no such task' } },
    ])
  t.match((await ask(all, about('tasks/list', 'x'))).messages, [{ error: { code: -32601 } }])
  t.match(
    (await ask(`${all}/old`, about('tasks/get', 'task-1'))).messages,
    [{ error: { code: -32601 } }],
    'not across the bridge',
  )
})

t.test('who listens to tasks hears of his own, with the links that lead on', async (t) => {
  await ask(all, { method: 'resources/list' })
  const [one, two] = [await make('one'), await make('two')]
  const notifications = { taskIds: [one, two, 'task-1'] }
  const stream = await open(all, { method: 'subscriptions/listen', params: { notifications }, capabilities, id: 'sub' })
  const first = await stream.next()
  const granted = first?.params?.['notifications'] as { taskIds: string[] } | undefined
  t.same(granted?.taskIds.toSorted(), [one, two].toSorted())
  const own = Number((await resultOf(all, about('tasks/get', two))).createdAt !== undefined)
  t.equal(own, 1)
  for (let id = 1; id <= 9; id += 1)
    await ask(all, { params: { name: 'two__finish', arguments: { id: `task-${id}` } }, capabilities })
  const event = await stream.next()
  t.match(event, {
    method: 'notifications/tasks',
    params: { taskId: two, status: 'completed', result: { content: [{ uri: 'mcpo:two/shared://one' }] } },
  })
  t.match(await resultOf(all, about('tasks/get', two)), { result: { content: [{ uri: 'mcpo:two/shared://one' }] } })
  stream.close()
})
