import t from 'tap'
import { linkPaths } from '../../../lib/protocol/contents.ts'
import { parseMessage, splice } from '../../../lib/protocol/message.ts'
import { each, mayHold, type Path, renamingEdits, stringsAt } from '../../../lib/protocol/renaming.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'

const messageOf = (...texts: string[]) =>
  parseMessage(
    texts.map((text) => Buffer.from(text)),
    scanChunkJs,
  )
const found = (text: string, paths: readonly Path[]) => stringsAt(messageOf(text), paths).map(({ text }) => text)
const shout = (paths: readonly Path[]) => ({ paths, shown: (text: string) => text.toUpperCase() })

t.test('strings are found at the ends of paths, in any order of keys and any spelling', async (t) => {
  const text = '{"result":{"b":[{"u\\u0072i":"two"},7,["x"],{"uri":3},{"uri":"three"}],"a":{"uri":"one"}},"id":1}'
  const paths: Path[] = [
    ['result', 'a', 'uri'],
    ['result', 'b', each, 'uri'],
  ]
  t.same(found(text, paths), ['two', 'three', 'one'])
  t.same(
    found(text, [
      ['result', 'b', 'uri'],
      ['result', each, 'uri'],
      ['params', 'a', 'uri'],
    ]),
    [],
  )
})

t.test('only what is renamed changes, over borders between pieces too', async (t) => {
  const message = messageOf('{"id":1, "result" : {"uri":"a', 'b","uri" : "cd", "n":1.0}, "uri":"ef"}')
  const edits = renamingEdits(message, [shout([['result', 'uri']])])
  t.equal(
    Buffer.concat(splice(message, edits)).toString(),
    '{"id":1, "result" : {"uri":"AB","uri" : "CD", "n":1.0}, "uri":"ef"}',
  )
  t.same(
    renamingEdits(message, [{ paths: [['result', 'uri']], shown: (text) => text }]),
    [],
    'the same name is no edit',
  )
  t.same(renamingEdits(message, [{ ...shout([['result', 'uri']]), isMeant: () => false }]), [])
})

t.test('links of every kind are found, and nothing in structured content or text', async (t) => {
  const block = '{"type":"resource_link","uri":"l"},{"type":"resource","resource":{"uri":"e","text":"\\"uri\\""}}'
  const rest = '{"type":"text","text":"{\\"uri\\":\\"t\\"}"}'
  t.same(found(`{"id":1,"result":{"content":[${block},${rest}],"structuredContent":{"uri":"s"}}}`, linkPaths), [
    'l',
    'e',
  ])
  t.same(
    found('{"id":1,"result":{"messages":[{"role":"user","content":{"type":"resource_link","uri":"m"}}]}}', linkPaths),
    ['m'],
  )
})

t.test('a message that cannot hold the name is not walked', async (t) => {
  const bytes = (text: string) => [Buffer.from(text.slice(0, 4)), Buffer.from(text.slice(4))]
  t.equal(mayHold(bytes('{"result":{"url":1}}'), linkPaths), false)
  t.equal(mayHold(bytes('{"result":{"uri":1}}'), linkPaths), true)
  t.equal(mayHold(bytes('{"result":{"\\u0075ri":1}}'), linkPaths), true)
  t.equal(mayHold(bytes('{"result":{"\\u00e9":"\\ud83d\\ude00"}}'), linkPaths), false)
  t.equal(mayHold(bytes('{"uri":1}'), []), false)
})
