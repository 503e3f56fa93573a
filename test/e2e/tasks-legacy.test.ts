/** Tasks of the revision 2025-11-25 on `/mcp`, in front of two servers that call their tasks the same. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CallToolResultSchema,
  CreateTaskResultSchema,
  ElicitRequestSchema,
  type Progress,
  TaskStatusNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import t, { type Test } from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { type Message, openSession, openStream, said, type WireSession } from '../fixtures/wire.ts'

const tasked = fixtureServer('tasked.mjs')
const { gateway, url } = await startGateway([
  server('one', [tasked, 'one', 'legacy']),
  server('two', [tasked, 'two', 'legacy']),
  server('new', [tasked, 'new', 'modern'], { protocol: '2026-07-28' }),
])
t.teardown(() => gateway.stop(0))
const related = 'io.modelcontextprotocol/related-task'

async function connect(t: Test): Promise<Client> {
  const client = new Client({ name: 'tasks', version: '1' }, { capabilities: { elicitation: { form: {} } } })
  // The SDK's own declaration does not allow `undefined` where its interface does.
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)) as never)
  t.teardown(() => client.close())
  return client
}

async function work(client: Client, name: string, onprogress?: (progress: Progress) => void): Promise<string> {
  const params = { name: `${name}__work`, arguments: {}, task: { ttl: 60_000 } }
  const options = onprogress === undefined ? {} : { onprogress }
  const { task } = await client.request({ method: 'tools/call', params }, CreateTaskResultSchema, options)
  return task.taskId
}

const resultOf = (client: Client, taskId: string) =>
  client.request({ method: 'tasks/result', params: { taskId } }, CallToolResultSchema)

t.test('what the servers can do with tasks is told, and nothing of the extension', async (t) => {
  const capabilities = (await connect(t)).getServerCapabilities()
  t.same(capabilities?.tasks, { list: {}, cancel: {}, requests: { tools: { call: {} } } })
  t.notOk(capabilities && 'extensions' in capabilities)
})

t.test('a task is found at the server that made it, under an id of its own', async (t) => {
  const client = await connect(t)
  const [one, two] = [await work(client, 'one'), await work(client, 'two')]
  t.not(one, two)
  t.notMatch([one, two], ['task-1', 'task-1'])
  t.match(await client.experimental.tasks.getTask(one), { taskId: one, status: 'working' })
  t.match(await client.experimental.tasks.cancelTask(two), { taskId: two, status: 'cancelled' })
  t.match(await client.experimental.tasks.getTask(one), { status: 'working' })
})

t.test('lists of tasks are merged, page by page, under the same ids', async (t) => {
  const client = await connect(t)
  const made = [await work(client, 'one'), await work(client, 'one'), await work(client, 'two')]
  const listed: string[] = []
  let cursor: string | undefined
  do {
    const page = await client.experimental.tasks.listTasks(cursor)
    listed.push(...page.tasks.map(({ taskId }) => taskId))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  t.same(listed.toSorted(), made.toSorted())
})

t.test('a result, its questions, its status and its links come under the id that the client knows', async (t) => {
  const client = await connect(t)
  await client.listResources()
  const asked: unknown[] = []
  const statuses: { taskId: string; status: string }[] = []
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params._meta?.[related])
    return { action: 'accept', content: { word: 'yes' }, _meta: { [related]: params._meta?.[related] } }
  })
  client.setNotificationHandler(TaskStatusNotificationSchema, ({ params: { taskId, status } }) => {
    statuses.push({ taskId, status })
  })
  const taskId = await work(client, 'two')
  const { content, _meta } = await resultOf(client, taskId)
  t.same(asked, [{ taskId }])
  t.same(_meta?.[related], { taskId })
  t.match(content[1], { uri: 'mcpo:two/shared://one' })
  t.same(
    statuses,
    ['input_required', 'completed'].map((status) => ({ taskId, status })),
  )
  const answered = JSON.parse((content[0] as { text: string }).text)
  t.same(answered._meta, { [related]: { taskId: 'task-1' } }, 'the server hears its own id')
})

t.test('progress of a task says which one, in the words of the client', async (t) => {
  const session = await openSession(`${url}/mcp`)
  const params = { name: 'one__work', arguments: {}, task: {}, _meta: { progressToken: 'p' } }
  const message = { id: 3, method: 'tools/call', params }
  const { messages } = await session.post(message)
  const [progress, answer] = messages as [Message, Message]
  t.match(progress, { method: 'notifications/progress', params: { progressToken: 'p' } })
  t.same(progress.params?.['_meta'], { [related]: { taskId: answer.result.task.taskId } })
})

t.test("an id that was not given out, a server's own, or one that names two tasks, is no task", async (t) => {
  const session = await openSession(`${url}/mcp`)
  const made = await session.post({ id: 1, method: 'tools/call', params: { name: 'one__work', task: {} } })
  const taskId: string = made.messages[0]?.result?.task.taskId
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
    for (const id of ['task-1', '', `${taskId}A`, taskId.slice(0, -1), 'x'.repeat(100_000)]) {
      const { messages } = await session.post({ id: 2, method, params: { taskId: id } })
      t.match(
        messages,
        [{ id: 2, error: { code: -32602, message: 'There is no such task' } }],
        `${method} ${id.slice(0, 20)}`,
      )
    }
  }
  const other = await openSession(`${url}/mcp`)
  const { messages } = await other.post({ id: 2, method: 'tasks/get', params: { taskId } })
  t.match(messages, [{ error: { code: -32602 } }], 'the server of another session does not have it')
  t.match((await session.post({ id: 4, method: 'tasks/update', params: { taskId } })).messages, [
    { error: { code: -32601 } },
  ])
})

t.test('tasks do not cross to a server of the new revision', async (t) => {
  const session = await openSession(`${url}/mcp/new`)
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/list']) {
    const { messages } = await session.post({ id: 2, method, params: { taskId: 'task-1' } })
    t.match(messages, [{ error: { code: -32601 } }], method)
  }
})

function begun({ headers }: WireSession, params: object, id: number) {
  return openStream(`${url}/mcp`, { jsonrpc: '2.0', id, method: 'tools/call', params }, headers)
}

/** The client answers a server's question with a task. */
async function inquire(session: WireSession, name: string, id: number, taskId: string) {
  const call = await begun(session, { name: `${name}__inquire`, arguments: {} }, id)
  const question = await call.next()
  const task = { taskId, status: 'working', createdAt: '', lastUpdatedAt: '', ttl: null }
  await session.post({ id: question?.id, result: { task } })
  return call.next()
}

t.test("a task that the client made for one server is none of another server's", async (t) => {
  const session = await openSession(`${url}/mcp`, {
    elicitation: {},
    tasks: { requests: { elicitation: { create: {} } } },
  })
  await inquire(session, 'one', 1, 'mine')
  const peek = (name: string, method: string, id?: string) =>
    begun(session, { name: `${name}__peek`, arguments: { method, ...(id === undefined ? {} : { id }) } }, 7)
  for (const [name, method, id, code] of [
    ['two', 'tasks/get', 'mine', -32602],
    ['two', 'tasks/result', 'mine', -32602],
    ['two', 'tasks/list', undefined, -32601],
    ['one', 'tasks/get', 'unheard of', -32602],
  ] as const) {
    const answer = await (await peek(name, method, id)).next()
    t.equal(answer?.result?.content[0].text, String(code), `${name} ${method}`)
  }
  const call = await peek('one', 'tasks/get', 'mine')
  const question = await call.next()
  t.match(question, { method: 'tasks/get', params: { taskId: 'mine' } })
  await session.post({ id: question?.id, result: { taskId: 'mine', status: 'completed' } })
  t.same(JSON.parse((await call.next())?.result?.content[0].text), { taskId: 'mine', status: 'completed' })
  for (const taskId of ['mine', 'unheard of'])
    await session.post({ method: 'notifications/tasks/status', params: { taskId, status: 'completed' } })
  t.equal(said(await session.call(8, 'one__statuses')), '["mine"]')
  t.equal(said(await session.call(9, 'two__statuses')), '[]')
})
