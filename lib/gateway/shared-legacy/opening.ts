import { membersOf, stringAt } from '../../protocol/json-walk.ts'
import { type Edit, parseMessage, splice } from '../../protocol/message.ts'
import type { Message } from '../../protocol/model.ts'
import { type LegacyRevision, newestLegacy } from '../../protocol/revisions/index.ts'
import type { ScanChunk } from '../../protocol/scan.ts'
import { ask } from '../../upstream/ask.ts'
import { gatewayInfo } from '../../upstream/identity.ts'
import type { Instance } from '../../upstream/instance.ts'
import { notificationOf } from '../../upstream/outgoing.ts'
import { startLimit } from '../../upstream/time-limit.ts'

/** What the gateway can see to for whichever session it turns out to be; one that cannot answer a question refuses it. */
const capabilities = { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } }
const maxAnswerBytes = 1024 * 1024

/** Initialises a copy that sessions will share. Resolves with the server's answer, after which an error ends the copy. */
export async function initialise(instance: Instance): Promise<Message> {
  try {
    const params = JSON.stringify({ protocolVersion: newestLegacy.version, capabilities, clientInfo: gatewayInfo })
    const answer = await ask(instance, 'initialize', params, startLimit(instance.settings))
    if (answer.isError) void instance.stop('refused to be initialised')
    else instance.send(notificationOf('notifications/initialized'))
    return answer
  } catch (thrown) {
    void instance.stop()
    throw thrown
  }
}

/**
 * The answer of a shared copy for a session of this revision: that one, unless the copy's is older, since each revision of this
 * era only added to the one before. Everything else stays as the server said it.
 */
export function openingFor(answer: Message, revision: LegacyRevision, scan: ScanChunk): Message {
  const edit = versionEdit(answer, revision)
  return edit === null ? answer : parseMessage(splice(answer, [edit]), scan)
}

function versionEdit(answer: Message, { version }: LegacyRevision): Edit | null {
  const result = answer.span('result')
  if (result === null || result.end - result.start > maxAnswerBytes) return null
  const json = Buffer.from(answer.raw('result') ?? '{}')
  for (const { key, value } of membersOf(json, 0)) {
    const agreed = key === 'protocolVersion' ? stringAt(json, value) : null
    if (agreed === null) continue
    const span = { start: result.start + value.start, end: result.start + value.end }
    return version < agreed ? { span, bytes: JSON.stringify(version) } : null
  }
  return null
}
