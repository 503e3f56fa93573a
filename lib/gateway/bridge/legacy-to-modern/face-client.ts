import { McpoError } from '../../../errors.ts'
import { canAnswer, type Declaration, declarationOf } from '../../../protocol/bridge/legacy-to-modern/declaration.ts'
import { envelopeMembers } from '../../../protocol/bridge/legacy-to-modern/envelope.ts'
import type { InputRequest } from '../../../protocol/bridge/legacy-to-modern/input-required.ts'
import { logLevels } from '../../../protocol/log-levels.ts'
import { type LegacyRevision, newestModern } from '../../../protocol/revisions/index.ts'

/** What a legacy client said about itself, as each of its requests has to say it to a modern server. */
export class FaceClient {
  readonly revision: LegacyRevision
  /** The envelope of requests that have no log messages of their own. */
  readonly quietEnvelope: string
  /** JSON members of `_meta`. */
  envelope: string
  private readonly declaration: Declaration

  /** `params` are those of `initialize`. `mayLog`: the server has log messages; until a level is set it is "info". */
  constructor(params: Readonly<Record<string, unknown>>, mayLog: boolean) {
    this.declaration = declarationOf(params)
    this.revision = this.declaration.revision
    this.quietEnvelope = this.envelopeFor(null)
    this.envelope = this.envelopeFor(mayLog ? 'info' : null)
  }

  /** Its requests ask for log messages. */
  get hasLogs(): boolean {
    return this.envelope !== this.quietEnvelope
  }

  /** Throws INVALID_PARAMS for what is no level. */
  setLogLevel(level: unknown): void {
    if (typeof level !== 'string' || !logLevels.includes(level)) {
      throw new McpoError('INVALID_PARAMS', `params.level must be one of ${logLevels.join(', ')}`)
    }
    this.envelope = this.envelopeFor(level)
  }

  /** Throws TRANSPORT_ERROR for a question that the client did not say it could answer. */
  ensureAnswers({ method, params }: InputRequest): void {
    if (canAnswer(this.declaration.capabilities, method, params)) return
    const name = JSON.stringify(method.slice(0, 60))
    throw new McpoError(
      'TRANSPORT_ERROR',
      `The server has to ask ${name}, which this client did not say it can answer`,
      {
        hint: 'Use a client that declares the capability for it.',
      },
    )
  }

  private envelopeFor(logLevel: string | null): string {
    const { capabilities, clientInfo } = this.declaration
    return envelopeMembers({
      protocolVersion: newestModern.version,
      clientCapabilities: capabilities,
      clientInfo,
      logLevel,
    })
  }
}
