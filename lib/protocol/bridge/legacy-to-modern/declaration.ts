import { McpoError } from '../../../errors.ts'

/** What a legacy client says about itself in `initialize`, in the words of the revision 2026-07-28. */
export interface Declaration {
  /** The revision it asks for. */
  readonly revision: string
  readonly capabilities: Readonly<Record<string, unknown>>
  /** Null: it did not say, or not with a name and a version. */
  readonly clientInfo: object | null
}

/** Throws INVALID_PARAMS when the params of `initialize` are none. */
export function declarationOf(params: Readonly<Record<string, unknown>>): Declaration {
  const { protocolVersion, capabilities, clientInfo } = params
  if (typeof protocolVersion !== 'string')
    throw new McpoError('INVALID_PARAMS', 'params.protocolVersion must be a string')
  return {
    revision: protocolVersion,
    capabilities: isRecord(capabilities) ? modernCapabilities(capabilities) : {},
    clientInfo: isRecord(clientInfo) && isNamed(clientInfo) ? clientInfo : null,
  }
}

/** Whether a client that declared these can be asked this; the params are those of the question. */
export function canAnswer(capabilities: Declaration['capabilities'], method: string, params: string | null): boolean {
  if (method === 'roots/list') return capabilities['roots'] !== undefined
  if (method === 'sampling/createMessage') return capabilities['sampling'] !== undefined
  const { elicitation } = capabilities
  if (method !== 'elicitation/create' || !isRecord(elicitation)) return false
  return modeOf(params) === 'form' ? isForm(elicitation) : elicitation['url'] !== undefined
}

/** Without what the new revision took out: changes of roots are not told any more, core tasks are gone. */
function modernCapabilities({ tasks: _, roots, ...kept }: Record<string, unknown>): Record<string, unknown> {
  return roots === undefined ? kept : { ...kept, roots: {} }
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
