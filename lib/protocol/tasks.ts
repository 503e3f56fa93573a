/** Where tasks are named: those of the revision 2025-11-25, and those of the extension that took their place. */
import { McpoError } from '../errors.ts'
import { isObject, membersOf, stringAt } from './json-walk.ts'
import { memberOf, objectAt, without } from './members.ts'
import type { Edit } from './message.ts'
import type { Message } from './model.ts'
import { sliceOf } from './pieces.ts'
import { isRecord } from './records.ts'
import { each, type LocatedString, type Path, type Renaming, stringsAt } from './renaming.ts'

export const tasksExtension = 'io.modelcontextprotocol/tasks'

/** Requests about one task, of either kind. */
const aboutOne: ReadonlySet<string> = new Set(['tasks/get', 'tasks/result', 'tasks/cancel', 'tasks/update'])
const notifications: ReadonlySet<string> = new Set(['notifications/tasks/status', 'notifications/tasks'])

const relatedTask = ['_meta', 'io.modelcontextprotocol/related-task', 'taskId'] as const
const inParams: Path = ['params', ...relatedTask]
const inResult: Path = ['result', ...relatedTask]

/** Is it a request of either kind of tasks? */
export function isTaskRequest(method: string): boolean {
  return aboutOne.has(method) || method === 'tasks/list'
}

/** What a server can do, for a client of the other era: its tasks are not those that the client knows. */
export function withoutTasks(capabilities: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { tasks: _, extensions, ...kept } = capabilities
  if (!isRecord(extensions)) return kept
  const { [tasksExtension]: __, ...others } = extensions
  return Object.keys(others).length === 0 ? kept : { ...kept, extensions: others }
}

/** Takes the list of tasks out of what a server's answer to `initialize` says that it can do. */
export function withoutTaskList(answer: Message): Edit[] {
  let span = answer.span('result')
  for (const name of ['capabilities', 'tasks']) {
    const object = span === null ? null : objectAt(answer, span)
    span = object === null ? null : (memberOf(object, name)?.value ?? null)
  }
  const tasks = span === null ? null : objectAt(answer, span)
  return tasks === null ? [] : without(tasks, (key) => key === 'list')
}

/** Does a request of this method say in `params.taskId` which task it is about? */
export function isAboutTask(method: string): boolean {
  return aboutOne.has(method)
}

/**
 * `params.taskId`; null when it is no string. Throws INVALID_PARAMS when it stands there twice, in whatever letter case, since
 * the server might read the other one.
 */
export function taskIdOf(message: Message): LocatedString | null {
  const params = message.span('params')
  if (params === null) return null
  const json = Buffer.concat(sliceOf(message.pieces, params))
  if (!isObject(json, { start: 0, end: json.length })) return null
  const [only, ...more] = [...membersOf(json, 0)].filter(({ key }) => key.toLowerCase() === 'taskid')
  if (more.length > 0) throw new McpoError('INVALID_PARAMS', '"taskId" stands in the params twice')
  const text = only?.key === 'taskId' ? stringAt(json, only.value) : null
  if (only === undefined || text === null) return null
  const { start, end } = only.value
  return { text, span: { start: params.start + start, end: params.start + end } }
}

/** The ids of tasks that a message merely belongs to. */
export function relatedTasksOf(message: Message): LocatedString[] {
  return stringsAt(message, [inParams, inResult])
}

/** The ids of the server's tasks in an answer to a request of this method. */
export function answerRenamings(method: string, shown: Renaming['shown']): Renaming[] {
  const related = { paths: [inResult], shown }
  if (method === 'tools/call') {
    const created = { paths: [['result', 'task', 'taskId']], shown }
    return [created, { paths: [['result', 'taskId']], shown, isMeant: isCreatedTask }, related]
  }
  if (method === 'tasks/list') return [{ paths: [['result', 'tasks', each, 'taskId']], shown }]
  return isAboutTask(method) && method !== 'tasks/result'
    ? [{ paths: [['result', 'taskId']], shown }, related]
    : [related]
}

/** The ids of the server's tasks in what it says by itself. */
export function eventRenamings(shown: Renaming['shown']): Renaming[] {
  return [
    { paths: [['params', 'taskId']], shown, isMeant: (message) => notifications.has(message.text('method') ?? '') },
    { paths: [inParams], shown },
  ]
}

/** The id of the task that a client made of a server's request; null: it answered otherwise. */
export function createdTaskOf(answer: Message): string | null {
  return stringsAt(answer, [['result', 'task', 'taskId']])[0]?.text ?? null
}

function isCreatedTask(answer: Message): boolean {
  return stringsAt(answer, [['result', 'resultType']])[0]?.text === 'task'
}
