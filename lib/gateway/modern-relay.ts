import { toMcpoError } from '../errors.ts'
import type { Outgoing } from '../upstream/model.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { Passage } from './aggregate/caller.ts'
import { errorFor } from './answers.ts'
import type { Inbound } from './model.ts'
import type { ModernWays } from './modern-ways.ts'
import { ToolHeaders } from './param-headers.ts'
import { taskNames } from './task-names.ts'

type OnEnd = (answer: Outgoing, status: number, isError: boolean) => void

/** Brings modern clients' requests to servers, and the answers back. */
export class ModernRelay {
  private readonly ways: ModernWays

  constructor(ways: ModernWays) {
    this.ways = ways
  }

  /** Resolves when it was sent. Rejects with INVALID_PARAMS when it is about a task that is not its principal's. */
  relay(server: UpstreamServer, inbound: Inbound, passage: Passage = {}): Promise<void> {
    return this.begin(server, inbound, passage, (answer, status) => inbound.reply.answer(answer, { status }))
  }

  /** Resolves with an error that the client has not seen; null: it was answered. Never settles when the client goes away. */
  attempt(server: UpstreamServer, inbound: Inbound, passage: Passage): Promise<Outgoing | null> {
    return new Promise((resolve, reject) => {
      this.begin(server, inbound, passage, (answer, status, isError) => {
        if (!isError) inbound.reply.answer(answer, { status })
        resolve(isError ? answer : null)
      }).catch(reject)
    })
  }

  private async begin(server: UpstreamServer, inbound: Inbound, passage: Passage, onEnd: OnEnd): Promise<void> {
    const { message, principal, reply } = inbound
    const { edits, renamings } = translated(server, inbound, passage)
    const fail = (thrown: unknown) => onEnd(errorFor(message, thrown), toMcpoError(thrown).httpStatus, true)
    try {
      const way = await this.ways.to(server, principal)
      if (!reply.open) return
      way.call({
        request: message,
        reply,
        edits,
        renamings,
        onEvent: (_, event) => reply.send(event),
        onAnswer: (mapped, status, answer) => {
          if (answer !== null && message.text('method') === 'tools/list') ToolHeaders.of(server).learnFrom(answer)
          const isError = answer?.isError === true
          if (!isError) passage.onResult?.()
          onEnd(mapped, status, isError)
        },
        onFailure: fail,
      })
    } catch (thrown) {
      fail(thrown)
    }
  }
}

/** What changes on the way, with the ids of tasks. */
function translated(
  server: UpstreamServer,
  { message, principal, endpoint }: Inbound,
  { edits = [], renamings = [] }: Passage,
): Required<Pick<Passage, 'edits' | 'renamings'>> {
  const tasks = taskNames(endpoint, server.settings, principal.id)
  if (tasks === null) return { edits, renamings }
  return {
    edits: [...edits, ...tasks.requestEdits(message)],
    renamings: [...renamings, ...tasks.answerRenamings(message.text('method') ?? '')],
  }
}
