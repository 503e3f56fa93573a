import type { Message, Span } from './model.ts'
import { sliceOf, textOf } from './pieces.ts'

const usualHead = Buffer.from('{"jsonrpc":"2.0",')
const valueFields = ['id', 'method', 'params', 'result', 'error'] as const

/**
 * Whether a message says that it is JSON-RPC 2.0, which makes it one: a line of a log may well have a `method` too. Not for batches.
 * The values of the fields that are located anyway are not read again, however long they are.
 */
export function isJsonRpc2(message: Message): boolean {
  const { pieces, byteLength } = message
  const [head] = sliceOf(pieces, { start: 0, end: usualHead.length })
  if (head !== undefined && usualHead.equals(head)) return true
  const envelope = [...gapsBetween(valueSpans(message), byteLength)].map((gap) => textOf(pieces, gap)).join('0')
  return (JSON.parse(envelope) as { jsonrpc?: unknown }).jsonrpc === '2.0'
}

function valueSpans(message: Message): Span[] {
  const spans = valueFields.flatMap((field) => message.span(field) ?? [])
  return spans.sort((a, b) => a.start - b.start)
}

function* gapsBetween(spans: readonly Span[], length: number): Generator<Span> {
  let start = 0
  for (const span of spans) {
    yield { start, end: span.start }
    start = span.end
  }
  yield { start, end: length }
}
