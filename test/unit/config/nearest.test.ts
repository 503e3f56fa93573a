import t from 'tap'
import { editDistance, nearestName } from '../../../lib/config/nearest.ts'

const distances: [a: string, b: string, distance: number][] = [
  ['', '', 0],
  ['', 'abc', 3],
  ['abc', '', 3],
  ['port', 'port', 0],
  ['prot', 'port', 1],
  ['portt', 'port', 1],
  ['prt', 'port', 1],
  ['kitten', 'sitting', 3],
]

for (const [a, b, distance] of distances) {
  t.test(`from "${a}" to "${b}" it is ${distance}`, async (t) => {
    t.equal(editDistance(a, b), distance)
  })
}

t.test('the nearest name wins, whatever its case', async (t) => {
  t.equal(nearestName('Prot', ['host', 'port', 'public_url']), 'port')
  t.equal(nearestName('max_session', ['max_sessions', 'max_message_mb']), 'max_sessions')
})

t.test('a name like no other has none near', async (t) => {
  t.equal(nearestName('colour', ['host', 'port']), null)
  t.equal(nearestName('x', []), null)
})

t.test('a very long name costs no more than a short one', async (t) => {
  t.equal(nearestName('x'.repeat(1_000_000), ['host']), null)
})
