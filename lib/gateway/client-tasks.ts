import { McpoError, toMcpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { createdTaskOf, isAboutTask, taskIdOf } from '../protocol/tasks.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import { unknownTask } from './task-names.ts'

const maxTasks = 1024
const maxIdLength = 1024

/**
 * Tasks that a client made of what servers asked it (2025-11-25). Each is the business of the server that asked: another server of
 * the same session must not learn what the person answered there.
 */
export class ClientTasks {
  private readonly owners = new Map<string, ServerCopy>()

  /** Why a server's request must not reach the client; null: it may. */
  objectionTo(copy: ServerCopy, request: Message): McpoError | null {
    const method = request.text('method') ?? ''
    if (method === 'tasks/list') {
      return new McpoError('METHOD_NOT_FOUND', 'The client has tasks of several servers, and lists them to none')
    }
    if (!isAboutTask(method)) return null
    try {
      return this.ownerOf(request) === copy ? null : unknownTask()
    } catch (thrown) {
      return toMcpoError(thrown)
    }
  }

  /** Remembers what a client's answer to a server says about a new task. */
  learn(copy: ServerCopy, answer: Message): void {
    const id = createdTaskOf(answer)
    if (id === null || id.length > maxIdLength || this.owners.has(id)) return
    this.owners.set(id, copy)
    const [oldest] = this.owners.keys()
    if (this.owners.size > maxTasks && oldest !== undefined) this.owners.delete(oldest)
  }

  /** Whose the task is that `params.taskId` names. Throws INVALID_PARAMS when it names two. */
  ownerOf(message: Message): ServerCopy | null {
    return this.owners.get(taskIdOf(message)?.text ?? '') ?? null
  }

  /** The copy is gone, and its tasks concern nobody any more. */
  forget(copy: ServerCopy): void {
    for (const [id, owner] of this.owners) if (owner === copy) this.owners.delete(id)
  }
}
