import { McpoError } from '../../../errors.ts'
import { isRecord } from '../../records.ts'
import { type Declared, understood } from '../../revisions/capabilities.ts'
import { type LegacyRevision, newestModern, sessionRevision } from '../../revisions/index.ts'

/** What a legacy client says about itself in `initialize`, in the words of the newest modern revision. */
export interface Declaration {
  /** The revision of its session. */
  readonly revision: LegacyRevision
  readonly capabilities: Readonly<Record<string, unknown>>
  /** Null: it did not say, or not with a name and a version. */
  readonly clientInfo: object | null
}

/** Throws INVALID_PARAMS when the params of `initialize` are none. */
export function declarationOf(params: Readonly<Record<string, unknown>>): Declaration {
  const { protocolVersion, capabilities, clientInfo } = params
  if (typeof protocolVersion !== 'string')
    throw new McpoError('INVALID_PARAMS', 'params.protocolVersion must be a string')
  const revision = sessionRevision(protocolVersion)
  return {
    revision,
    capabilities: isRecord(capabilities) ? modernCapabilities(revision, capabilities) : {},
    clientInfo: isRecord(clientInfo) && isNamed(clientInfo) ? clientInfo : null,
  }
}

/** Whether a client that declared these can be asked this; the params are those of the question. */
export function canAnswer(capabilities: Declaration['capabilities'], method: string, params: string | null): boolean {
  const name = Object.hasOwn(newestModern.questions, method) ? newestModern.questions[method] : undefined
  if (name !== 'elicitation') return name !== undefined && capabilities[name] !== undefined
  const { elicitation } = capabilities
  if (!isRecord(elicitation)) return false
  return modeOf(params) === 'form' ? isForm(elicitation) : elicitation['url'] !== undefined
}

/** Without what the client's own revision does not have, and without what the modern one took out, such as core tasks. */
function modernCapabilities(revision: LegacyRevision, declared: Declared): Declared {
  return understood(newestModern, 'client', understood(revision, 'client', declared))
}

function isNamed({ name, version }: Record<string, unknown>): boolean {
  return typeof name === 'string' && typeof version === 'string'
}

/** An empty capability is one for forms: there was nothing else at first. */
function isForm(elicitation: Record<string, unknown>): boolean {
  return elicitation['form'] !== undefined || elicitation['url'] === undefined
}

function modeOf(params: string | null): string {
  const { mode } = JSON.parse(params ?? '{}') as { mode?: unknown }
  return typeof mode === 'string' ? mode : 'form'
}
