import { deepStrictEqual, strictEqual } from 'node:assert'
import { TextDecoder } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { scanChunk } from '../../lib/native/index.ts'
import { parseMessage } from '../../lib/protocol/message.ts'
import { type Field, fields } from '../../lib/protocol/model.ts'
import { cut } from '../unit/protocol/scanners.ts'
import { chunkSizes, edits, jsonText, messageText, mutated } from './messages.ts'

const parameters = { numRuns: 3000, interruptAfterTimeLimit: 2500, markInterruptAsFailure: false }
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What the language's own parser says; `undefined` when it refuses. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch {
    return undefined
  }
}

t.test('a text is refused for its grammar or encoding exactly when JSON.parse refuses it', async (t) => {
  const seen = { valid: 0, invalid: 0 }
  fc.assert(
    fc.property(fc.oneof(jsonText, messageText), edits, chunkSizes, (text, changes, sizes) => {
      const bytes = mutated(Buffer.from(text), changes)
      const { problem } = parseMessage(cut(bytes, sizes), scanChunk)
      if (problem === 'duplicate') return
      const isValid = parsed(bytes) !== undefined
      seen[isValid ? 'valid' : 'invalid'] += 1
      if (isValid !== (problem !== 'syntax' && problem !== 'utf8')) throw new Error(`${problem} for ${bytes}`)
    }),
    parameters,
  )
  t.ok(seen.valid > 100 && seen.invalid > 100, JSON.stringify(seen))
})

t.test('a located field is what JSON.parse finds at its path', async (t) => {
  let compared = 0
  fc.assert(
    fc.property(messageText, chunkSizes, (text, sizes) => {
      const message = parseMessage(cut(Buffer.from(text), sizes), scanChunk)
      if (message.kind === 'invalid' || message.kind === 'batch') return
      for (const field of fields) {
        const expected = valueAt(JSON.parse(text), field)
        const raw = message.raw(field)
        compared += 1
        deepStrictEqual(raw === null ? undefined : JSON.parse(raw), expected)
        strictEqual(message.text(field), typeof expected === 'string' ? expected : null)
      }
    }),
    { ...parameters, numRuns: 600 },
  )
  t.ok(compared > 500, `${compared} fields`)
})

function valueAt(message: unknown, field: Field): unknown {
  const names = field.startsWith('params._meta.')
    ? ['params', '_meta', field.slice('params._meta.'.length)]
    : field.split('.')
  return names.reduce<unknown>((value, name) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
  }, message)
}
