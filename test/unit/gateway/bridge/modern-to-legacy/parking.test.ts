import t from 'tap'
import { Parking } from '../../../../../lib/gateway/bridge/modern-to-legacy/parking.ts'

const call = () => ({ expire() {} })

t.test('a parked call is taken once, by its id', (t) => {
  const parking = new Parking()
  const one = call()
  const id = parking.park(one, 'p')
  t.equal(parking.take('constructor'), null)
  t.equal(parking.take(id), one)
  t.equal(parking.take(id), null)
  t.not(parking.park(one, 'p'), id)
  t.end()
})

t.test('one principal may not park without end, and leaves room for others', (t) => {
  const parking = new Parking()
  const ids = Array.from({ length: 64 }, () => parking.park(call(), 'p'))
  t.throws(() => parking.park(call(), 'p'), { code: 'TOO_MANY' })
  parking.park(call(), 'q')
  parking.take(ids[0] ?? '')
  parking.park(call(), 'p')
  t.end()
})

t.test('there is a bound for all of them together', (t) => {
  const parking = new Parking()
  for (let count = 0; count < 512; count += 1) parking.park(call(), `p${count}`)
  t.throws(() => parking.park(call(), 'another'), { code: 'TOO_MANY' })
  t.equal(parking.size, 512)
  t.end()
})

t.test('a call that waits too long is told so, and is parked no longer', async (t) => {
  const parking = new Parking(5)
  const alive = setTimeout(() => {}, 10_000)
  const expired = await new Promise<string>((resolve) => {
    const id = parking.park({ expire: () => resolve(id) }, 'p')
  })
  clearTimeout(alive)
  t.equal(parking.take(expired), null)
})
