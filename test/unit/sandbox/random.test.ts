import t from 'tap'
import { randomBetween, randomHex } from '../../../lib/sandbox/random.ts'

t.test('bytes come as two digits each, and differ', async (t) => {
  t.match(randomHex(16), /^[0-9a-f]{32}$/)
  t.equal(new Set(Array.from({ length: 100 }, () => randomHex(16))).size, 100)
})

t.test('numbers are within their bounds, both of which are met', async (t) => {
  const numbers = Array.from({ length: 2000 }, () => randomBetween(61_184, 61_187))
  t.same([...new Set(numbers)].sort(), [61_184, 61_185, 61_186, 61_187])
  t.equal(randomBetween(7, 7), 7)
})
