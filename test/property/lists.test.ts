import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { listElements } from '../../lib/protocol/lists.ts'
import { parseMessage } from '../../lib/protocol/message.ts'
import { sliceOf } from '../../lib/protocol/pieces.ts'
import { scanChunkJs } from '../../lib/protocol/scan.ts'
import { cut } from '../unit/protocol/scanners.ts'
import { chunkSizes, jsonText } from './messages.ts'

const space = fc.constantFrom('', ' ', '\n', '\t\r ')
/** An element with its name among other members, of any value. */
const element = fc
  .tuple(fc.string(), fc.array(jsonText, { maxLength: 3 }), fc.nat(3), space)
  .map(([name, others, place, gap]) => {
    const members = others.map((value, at) => `"x${at}"${gap}:${gap}${value}`)
    return `{${gap}${members.toSpliced(place, 0, `"name"${gap}:${gap}${JSON.stringify(name)}`).join(`${gap},${gap}`)}${gap}}`
  })
const list = fc.tuple(fc.array(element, { maxLength: 5 }), jsonText, space)

t.test('a located list is what JSON.parse finds, element by element, byte by byte', async (t) => {
  fc.assert(
    fc.property(list, chunkSizes, ([elements, other, gap], sizes) => {
      const tools = `[${gap}${elements.join(`${gap},${gap}`)}${gap}]`
      const text = `{"id":1,"result":{"other":${other},"tools"${gap}:${gap}${tools},"nextCursor":"c"}}`
      const message = parseMessage(cut(Buffer.from(text), sizes), scanChunkJs)
      const located = listElements(message, 'tools')
      const textAt = (span: { start: number; end: number }) => Buffer.concat(sliceOf(message.pieces, span)).toString()
      deepStrictEqual(
        located.elements.map(({ span }) => textAt(span)),
        elements,
      )
      const names = elements.map((json) => (JSON.parse(json) as { name: string }).name)
      deepStrictEqual(
        located.elements.map((it) => it.text),
        names,
      )
      deepStrictEqual(
        located.elements.map(({ key }) => JSON.parse(textAt(key))),
        names,
      )
      deepStrictEqual(located.nextCursor, 'c')
    }),
    { numRuns: 500, interruptAfterTimeLimit: 2500, markInterruptAsFailure: false },
  )
  t.pass('no counterexample')
})
