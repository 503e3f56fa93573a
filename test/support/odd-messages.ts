/** JSON-RPC messages of any content as templates: what a gateway may change stands there as a slot. */
import fc from 'fast-check'
import { fields } from '../../lib/protocol/model.ts'
import { deepValueText, type Member, objectOf, spelled, stringText, valueText } from './odd-json.ts'

/** What may change on the way. */
export type Slot = 'id' | 'token' | 'name' | 'subscription' | 'request'
export type Filling = Partial<Record<Slot, string>>

/** A control character cannot stand in JSON: no generated text holds a slot by chance. */
const mark = '\x01'
export const slot = (name: Slot): string => mark + name + mark

/** The template's bytes, as Latin-1, with JSON text in its slots. */
export function render(template: string, filling: Filling = {}): string {
  const parts = template.split(mark)
  const text = parts.map((part, at) => (at % 2 === 0 ? part : (filling[part as Slot] ?? missing(part))))
  return Buffer.from(text.join('')).toString('latin1')
}

/** What a server can write as one line: of the white space, LF is the only thing that it cannot. */
export function renderLine(template: string, filling: Filling = {}): string {
  return render(template, filling).replaceAll('\n', '\r')
}

/** The same message with its line breaks blanked: in JSON these stand between tokens only. */
export function flat(message: string): string {
  return message.replace(/[\r\n]/g, ' ')
}

function missing(name: string): never {
  throw new Error(`nothing was given for the slot ${name}`)
}

/** The most that containers may be nested, less those around what is nested. */
const maxDepth = 1000

const spellings = (path: string): ReadonlySet<string> =>
  new Set(fields.filter((field) => field.startsWith(path)).map((field) => folded(field.slice(path.length))))
const decisive = { message: spellings(''), params: spellings('params.'), meta: spellings('params._meta.') }
const envelope = new Set(
  ['protocolVersion', 'clientCapabilities', 'logLevel'].map((it) => folded(`io.modelcontextprotocol/${it}`)),
)

function folded(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's')
}

/** Members that nobody knows, under any key but those that decide something there. */
function unknownMembers(taken: ReadonlySet<string>, value: fc.Arbitrary<string>): fc.Arbitrary<Member[]> {
  const key = fc.oneof(stringText(4), fc.constantFrom('"x"', '"\\u0078"', '"__proto__"', '"structuredContent"'))
  const isFree = (text: string) =>
    !taken.has(folded(JSON.parse(text) as string)) && folded(JSON.parse(text)) !== 'jsonrpc'
  return fc.array(fc.tuple(key.filter(isFree), value), { maxLength: 3 })
}

/** An object of known members (those whose value is null are left out) among unknown ones, in any order. */
function mixed(
  known: Readonly<Record<string, fc.Arbitrary<string> | null>>,
  taken: ReadonlySet<string>,
  value = valueText,
): fc.Arbitrary<string> {
  const members = Object.entries(known).flatMap(([key, text]) => (text === null ? [] : [fc.tuple(spelled(key), text)]))
  const all = fc
    .tuple(fc.tuple(...members), unknownMembers(taken, value))
    .map(([known, unknown]) => [...known, ...unknown])
  return objectOf(all.chain((members) => fc.shuffledSubarray(members, { minLength: members.length })))
}

export interface Shape {
  readonly method?: string
  /** Known members of params. */
  readonly params?: Readonly<Record<string, fc.Arbitrary<string>>>
  /** Known members of params._meta. */
  readonly meta?: Readonly<Record<string, fc.Arbitrary<string>>>
}

/** A request, with the slots `id` and those that its shape has. */
export function requestText(shape: Shape): fc.Arbitrary<string> {
  return callText(shape, fc.constant(slot('id')))
}

export function notificationText(shape: Shape): fc.Arbitrary<string> {
  return callText(shape, null)
}

function callText(
  { method = 'x/any', params = {}, meta }: Shape,
  id: fc.Arbitrary<string> | null,
): fc.Arbitrary<string> {
  const known = { ...params, _meta: meta === undefined ? null : mixed(meta, new Set([...decisive.meta, ...envelope])) }
  const paramsText = mixed(known, decisive.params, deepValueText(maxDepth))
  return mixed({ jsonrpc: spelled('2.0'), id, method: spelled(method), params: paramsText }, decisive.message)
}

/** A result or an error with the slot `id`. */
export const answerText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: answerOf('result', mixed({ _meta: valueText }, new Set(), deepValueText(maxDepth))) },
  { weight: 1, arbitrary: answerOf('result', valueText) },
  {
    weight: 1,
    arbitrary: answerOf('error', mixed({ code: fc.integer().map(String), message: stringText() }, new Set())),
  },
  { weight: 1, arbitrary: answerOf('error', valueText) },
)

export function answerOf(outcome: 'result' | 'error', value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return mixed({ jsonrpc: spelled('2.0'), id: fc.constant(slot('id')), [outcome]: value }, decisive.message)
}

/** The result that ends a subscription, with the slots `id` and `subscription`. */
export const endedText: fc.Arbitrary<string> = answerOf(
  'result',
  mixed(
    { _meta: mixed({ 'io.modelcontextprotocol/subscriptionId': fc.constant(slot('subscription')) }, decisive.meta) },
    new Set(['_meta']),
  ),
)
