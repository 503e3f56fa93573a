import type { UpstreamSettings } from '../config/model.ts'
import { McpoError } from '../errors.ts'
import type { Edit } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { Renaming } from '../protocol/renaming.ts'
import { answerRenamings, eventRenamings, isAboutTask, relatedTasksOf, taskIdOf } from '../protocol/tasks.ts'
import { Seal } from './seal.ts'

const maxIdLength = 64 * 1024
const seal = new Seal()

/** A task, and whose it is. */
export interface TaskRef {
  readonly server: string
  readonly id: string
}

/** The task that a principal was given this id for; null: none, or another principal's, which looks the same. */
export function findTask(principal: string, id: string): TaskRef | null {
  const text = id.length > maxIdLength ? null : seal.open(id, holderOf(principal))
  if (text === null) return null
  // Only `shown` can have sealed it.
  const [server, own] = JSON.parse(text) as [string, string]
  return { server, id: own }
}

/**
 * The tasks of one server as one principal sees them: under ids that say whose they are, sealed. Two servers may use the same id,
 * and a server that others use as well would tell anybody of any task.
 */
export class TaskNames {
  private readonly server: string
  private readonly principal: string

  constructor(server: string, principal: string) {
    this.server = server
    this.principal = principal
  }

  readonly shown = (id: string): string => seal.close(JSON.stringify([this.server, id]), holderOf(this.principal))

  /** The server's own id; null: it is no task of this server that the principal was shown. */
  own(shown: string): string | null {
    const task = findTask(this.principal, shown)
    return task?.server === this.server ? task.id : null
  }

  /** For a client's request. Throws INVALID_PARAMS when it is about a task that is not this principal's. */
  requestEdits(request: Message): Edit[] {
    const related = this.relatedEdits(request)
    if (!isAboutTask(request.text('method') ?? '')) return related
    const located = taskIdOf(request)
    const own = located === null ? null : this.own(located.text)
    if (located === null || own === null) throw unknownTask()
    return [...related, { span: located.span, bytes: JSON.stringify(own) }]
  }

  /** For anything else that a client says. */
  relatedEdits(message: Message): Edit[] {
    return relatedTasksOf(message).flatMap(({ span, text }) => {
      const own = this.own(text)
      return own === null ? [] : [{ span, bytes: JSON.stringify(own) }]
    })
  }

  /** For the server's answer to a request of this method. */
  answerRenamings(method: string): Renaming[] {
    return answerRenamings(method, this.shown)
  }

  /** For what the server says by itself. */
  get eventRenamings(): Renaming[] {
    return eventRenamings(this.shown)
  }
}

/** How the clients of an endpoint see a server's tasks; null: just as the server does, whom nobody else can ask. */
export function taskNames(endpoint: string | null, settings: UpstreamSettings, principal: string): TaskNames | null {
  return endpoint !== null && !servesOthers(settings) ? null : new TaskNames(settings.name, principal)
}

/** Several principals may reach the same tasks: they share a copy, or a remote server cannot tell them apart. */
export function servesOthers({ sharing, type }: UpstreamSettings): boolean {
  return sharing === 'shared' || type !== 'stdio'
}

/** What is answered for a task that does not exist, and for one of somebody else. */
export function unknownTask(): McpoError {
  return new McpoError('INVALID_PARAMS', 'There is no such task', { hint: 'Tasks end with the gateway, too.' })
}

function holderOf(principal: string): readonly string[] {
  return ['task', principal]
}
