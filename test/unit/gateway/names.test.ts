import fc from 'fast-check'
import t from 'tap'
import { maxNameLength, publicName, splitPublicName } from '../../../lib/gateway/names.ts'

const long = 'x'.repeat(80)

t.test('a short name keeps its spelling behind its server', async (t) => {
  t.equal(publicName('files', 'read_file'), 'files__read_file')
  t.same(splitPublicName('files__read_file'), { server: 'files', name: 'read_file' })
  t.same(splitPublicName('files__a__b'), { server: 'files', name: 'a__b' })
})

t.test('a long name is cut to 64 characters, always to the same ones', async (t) => {
  const name = publicName('files', long)
  t.equal(name.length, maxNameLength)
  t.equal(name, publicName('files', long))
  t.match(name, /^files__x+_[a-z2-7]{12}$/)
  t.same(splitPublicName(name), { server: 'files', name: null })
})

t.test('a short name that is spelt like a shortened one is shortened itself, so that the two stay apart', async (t) => {
  const shortened = publicName('files', long)
  const impostor = shortened.slice('files__'.length)
  t.not(publicName('files', impostor), shortened)
})

t.test('a name without a server is taken apart to nothing', async (t) => {
  for (const name of ['', 'echo', '__echo', 'a_b']) t.equal(splitPublicName(name), null, name)
})

t.test('names fit, differ, and lead back to what they stand for', async (t) => {
  const server = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/)
  const tool = fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' })
  const property = fc.property(server, tool, tool, (server, one, two) => {
    const name = publicName(server, one)
    if (name.length > maxNameLength || Buffer.from(name).toString() !== name) return false
    if (one !== two && publicName(server, two) === name) return false
    const parts = splitPublicName(name)
    return parts?.server === server && (parts.name === null || parts.name === one)
  })
  fc.assert(property, { numRuns: 2000 })
  t.pass()
})
