import type { Message } from '../protocol/model.ts'
import { isRecord } from '../protocol/records.ts'
import { renamingEdits } from '../protocol/renaming.ts'
import { newestModern } from '../protocol/revisions/index.ts'
import { endedSubscriptionEdits } from '../protocol/subscription.ts'
import { ask } from '../upstream/ask.ts'
import type { Instance } from '../upstream/instance.ts'
import { withId } from '../upstream/outgoing.ts'
import { requestLimit } from '../upstream/time-limit.ts'
import { idOf } from './answers.ts'
import { Hub } from './hub.ts'
import { type ModernCall, type ModernWay, statusOfCode } from './modern-way.ts'
import { smallParams } from './params.ts'

const maxErrorBytes = 64 * 1024
const maxMetaBytes = 64 * 1024

/** The way to a modern server: its messages as they come, but for their ids. */
export class HubWay implements ModernWay {
  private readonly instance: Instance

  constructor(instance: Instance) {
    this.instance = instance
  }

  call(call: ModernCall): void {
    const { request, reply, edits } = call
    const id = idOf(request)
    const isListen = request.text('method') === 'subscriptions/listen'
    const onAnswer = (answer: Message) => {
      const ended = isListen ? endedSubscriptionEdits(answer, id) : []
      const mapped = withId(answer, id, [...ended, ...renamingEdits(answer, call.renamings)])
      call.onAnswer(mapped, statusOfCode(errorCodeOf(answer)), answer)
    }
    Hub.of(this.instance).call({
      request,
      reply,
      edits,
      client: null,
      wantsLogs: wantsLogs(request),
      onEvent: (event, mapped) => call.onEvent(event, mapped),
      onAnswer,
      onFailure: (error) => call.onFailure(error),
    })
  }

  ask(request: Message, method: string, params: Record<string, unknown>): Promise<Message> {
    const text = JSON.stringify({ ...params, _meta: envelopeOf(request) })
    return ask(this.instance, method, text, requestLimit(this.instance.settings))
  }
}

/** Who says more about himself than is read here may have asked for anything. */
function wantsLogs(request: Message): boolean {
  const span = request.span('params._meta')
  if (span === null || span.end - span.start > maxMetaBytes) return span !== null
  const meta: unknown = JSON.parse(request.raw('params._meta') ?? 'null')
  return isRecord(meta) && meta[newestModern.envelope.logLevel] !== undefined
}

/** The client's own envelope without its progress token, which could meet another client's on the shared copy. */
function envelopeOf(request: Message): object {
  const { _meta: meta } = smallParams(request)
  return { ...(meta as Record<string, unknown>), progressToken: undefined }
}

function errorCodeOf(answer: Message): number | null {
  const span = answer.span('error')
  if (span === null || span.end - span.start > maxErrorBytes) return null
  const error = JSON.parse(answer.raw('error') ?? 'null') as { code?: unknown } | null
  return Number(error?.code)
}
