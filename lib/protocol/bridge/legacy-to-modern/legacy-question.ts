import type { InputRequest } from './input-required.ts'

/**
 * The params of a question as a legacy client wants them, JSON text; null: none. Elicitation by URL needs an id there, which the
 * new revision took out together with the notification that named it.
 */
export function legacyParams({ method, params }: InputRequest, elicitationId: string): string | null {
  if (method !== 'elicitation/create' || params === null) return params
  const { mode, elicitationId: known } = JSON.parse(params) as { mode?: unknown; elicitationId?: unknown }
  if (mode !== 'url' || known !== undefined) return params
  return params.replace('{', () => `{"elicitationId":${JSON.stringify(elicitationId)},`)
}
