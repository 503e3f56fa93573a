import t from 'tap'
import { ClientTasks } from '../../../lib/gateway/client-tasks.ts'
import { parseMessage } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import type { ServerCopy } from '../../../lib/upstream/server-copy.ts'

const messageOf = (message: object) => parseMessage([Buffer.from(JSON.stringify(message))], scanChunkJs)
const created = (taskId: string) => messageOf({ id: 1, result: { task: { taskId } } })
const about = (method: string, taskId?: unknown) => messageOf({ id: 1, method, params: { taskId } })
// Only who it is counts.
const [one, two] = [{}, {}] as [ServerCopy, ServerCopy]

t.test('only the server that a task was made for may ask about it', async (t) => {
  const tasks = new ClientTasks()
  tasks.learn(one, created('a'))
  tasks.learn(two, created('a'))
  for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
    t.equal(tasks.objectionTo(one, about(method, 'a')), null)
    t.match(tasks.objectionTo(two, about(method, 'a')), { code: 'INVALID_PARAMS' })
    t.match(tasks.objectionTo(one, about(method, 'b')), { code: 'INVALID_PARAMS' })
    t.match(tasks.objectionTo(one, about(method)), { code: 'INVALID_PARAMS' })
  }
  t.match(tasks.objectionTo(one, about('tasks/list')), { code: 'METHOD_NOT_FOUND' })
  t.equal(tasks.objectionTo(two, about('elicitation/create')), null)
  const double = parseMessage(
    [Buffer.from('{"id":1,"method":"tasks/get","params":{"taskId":"a","taskID":"a"}}')],
    scanChunkJs,
  )
  t.match(tasks.objectionTo(one, double), { code: 'INVALID_PARAMS' })
})

t.test('tasks end with their server, and within a bound', async (t) => {
  const tasks = new ClientTasks()
  tasks.learn(one, created('a'))
  tasks.forget(one)
  t.equal(tasks.ownerOf(about('notifications/tasks/status', 'a')), null)
  for (let count = 0; count <= 1024; count += 1) tasks.learn(two, created(`b${count}`))
  t.equal(tasks.ownerOf(about('notifications/tasks/status', 'b0')), null)
  t.equal(tasks.ownerOf(about('notifications/tasks/status', 'b1024')), two)
  tasks.learn(two, created('x'.repeat(2000)))
  t.equal(tasks.ownerOf(about('notifications/tasks/status', 'x'.repeat(2000))), null)
})
