/** What the user and the model of every client answer: always the same to the same question. */
import type { Params } from './peer.ts'

export function answerSampling({ messages }: Params): object {
  const text = `an answer to ${JSON.stringify(messages)}`
  return { model: 'none', role: 'assistant', stopReason: 'endTurn', content: { type: 'text', text } }
}

export function answerElicitation({ mode, requestedSchema }: Params): object {
  if (mode === 'url') return { action: 'accept' }
  const { properties = {} } = requestedSchema as { properties?: Record<string, Field> }
  const content = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, valueFor(field)]))
  return { action: 'accept', content }
}

interface Field {
  readonly type?: string
  readonly default?: unknown
  readonly format?: string
  readonly minimum?: number
  readonly enum?: readonly unknown[]
  readonly oneOf?: readonly { readonly const: unknown }[]
  readonly anyOf?: readonly { readonly const: unknown }[]
  readonly items?: Field
}

const byFormat: Readonly<Record<string, string>> = {
  email: 'someone@example.com',
  uri: 'https://example.com/',
  date: '2026-11-22',
  'date-time': '2026-11-22T00:00:00Z',
}

function valueFor(field: Field): unknown {
  if (field.default !== undefined) return field.default
  const choice = field.enum?.[0] ?? field.oneOf?.[0]?.const ?? field.anyOf?.[0]?.const
  if (choice !== undefined) return choice
  if (field.type === 'boolean') return true
  if (field.type === 'array') return field.items === undefined ? [] : [valueFor(field.items)]
  if (field.type === 'number' || field.type === 'integer') return field.minimum ?? 7
  return byFormat[field.format ?? ''] ?? 'someone'
}
