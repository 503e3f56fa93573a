/** Somebody who learns the id of another principal's task must get nothing with it: not even that there is such a task. */
import t from 'tap'
import { ask, type ModernRequest, open, resultOf } from '../e2e/bridge-modern-wire.ts'
import { fixtureServer, server } from '../fixtures/gateway.ts'
import { startForPrincipals } from '../fixtures/principals.ts'
import { openingOf, post } from '../fixtures/wire.ts'

const tasked = fixtureServer('tasked.mjs')
const url = await startForPrincipals(t, [
  server('own', [tasked, 'own', 'modern']),
  server('common', [tasked, 'common', 'modern'], { sharing: 'shared' }),
  server('old', [tasked, 'old', 'legacy']),
  server('seats', [tasked, 'seats', 'legacy'], { sharing: 'shared' }),
])
const capabilities = { extensions: { 'io.modelcontextprotocol/tasks': {} } }
const about = (who: string, method: string, taskId: string): ModernRequest => ({
  method,
  params: { taskId },
  capabilities,
  headers: { 'mcp-name': taskId, authorization: who },
})
const make = async (path: string, name: string): Promise<string> => {
  const headers = { authorization: 'ann' }
  return (await resultOf(url + path, { params: { name, arguments: {} }, capabilities, headers })).taskId
}

for (const [path, name] of [
  ['/mcp', 'own__work'],
  ['/mcp', 'common__work'],
  ['/mcp/common', 'work'],
] as const) {
  t.test(`${path} ${name}: another principal's task is answered like none`, async (t) => {
    const taskId = await make(path, name)
    t.match(await resultOf(url + path, about('ann', 'tasks/get', taskId)), { taskId, status: 'working' })
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const [foreign, never] = [
        await ask(url + path, about('bob', method, taskId)),
        await ask(url + path, about('bob', method, 'never')),
      ]
      t.same([foreign.status, foreign.text], [never.status, never.text], method)
      t.match(foreign.messages, [{ error: { code: -32602 } }])
    }
    t.match(
      await resultOf(url + path, about('ann', 'tasks/get', taskId)),
      { status: 'working' },
      'nothing was cancelled',
    )
  })
}

t.test('a shared copy does not tell one principal of the tasks of another, whichever id is tried', async (t) => {
  const taskId = await make('/mcp/common', 'work')
  for (const id of [taskId, 'task-1', 'task-2']) {
    t.match((await ask(`${url}/mcp/common`, about('bob', 'tasks/get', id))).messages, [{ error: { code: -32602 } }])
    const listen = { params: { notifications: { taskIds: [id] } }, headers: { authorization: 'bob' }, capabilities }
    const stream = await open(`${url}/mcp/common`, { method: 'subscriptions/listen', ...listen })
    t.same((await stream.next())?.params?.['notifications'], {}, 'nothing is granted')
    stream.close()
  }
  const heard = await open(`${url}/mcp/common`, {
    method: 'subscriptions/listen',
    params: { notifications: { taskIds: [taskId] } },
    headers: { authorization: 'ann' },
    capabilities,
  })
  t.same((await heard.next())?.params?.['notifications'], { taskIds: [taskId] })
  heard.close()
})

t.test("a copy that is one principal's alone keeps its own ids", async (t) => {
  t.match(await make('/mcp/own', 'work'), /^task-\d$/)
})

t.test('a legacy session of another principal gets no further with the id', async (t) => {
  const session = async (who: string) => {
    const opened = await post(`${url}/mcp`, openingOf(), { authorization: who })
    const headers = { 'mcp-session-id': String(opened.headers['mcp-session-id']), authorization: who }
    return (method: string, params: object) => post(`${url}/mcp`, { jsonrpc: '2.0', id: 1, method, params }, headers)
  }
  const [ann, bob] = [await session('ann'), await session('bob')]
  const made = await ann('tools/call', { name: 'old__work', task: {} })
  const taskId: string = made.messages.at(-1)?.result?.task.taskId
  await bob('tools/call', { name: 'old__work', task: {} })
  t.match((await ann('tasks/get', { taskId })).messages, [{ result: { taskId } }])
  t.match((await bob('tasks/get', { taskId })).messages, [
    { error: { code: -32602, message: 'There is no such task' } },
  ])
})

for (const [name, list] of [
  ['old', {}],
  ['seats', undefined],
] as const) {
  t.test(
    `a list of tasks is ${list ? '' : 'neither '}offered ${list ? 'and' : 'nor'} served by "${name}"`,
    async (t) => {
      const opened = await post(`${url}/mcp/${name}`, openingOf(), { authorization: 'ann' })
      const { tasks } = opened.messages[0]?.result.capabilities ?? {}
      t.same(tasks, { ...(list && { list }), cancel: {}, requests: { tools: { call: {} } } })
      const headers = { 'mcp-session-id': String(opened.headers['mcp-session-id']), authorization: 'ann' }
      const listed = await post(`${url}/mcp/${name}`, { jsonrpc: '2.0', id: 1, method: 'tasks/list' }, headers)
      t.match(listed.messages, [list ? { result: { tasks: Array } } : { error: { code: -32601 } }])
    },
  )
}
