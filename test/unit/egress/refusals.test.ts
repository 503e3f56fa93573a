import t from 'tap'
import { Refusals } from '../../../lib/egress/refusals.ts'

function collect(): { refusals: Refusals; told: string[] } {
  const told: string[] = []
  return { told, refusals: new Refusals(({ where }, count) => told.push(`${where} ${count}`)) }
}

const refused = { way: 'connect', why: 'not on the list', line: null } as const

t.test('the first of each is told at once, the rest as a count at the end', async (t) => {
  const { refusals, told } = collect()
  for (let index = 0; index < 5; index++) refusals.add({ ...refused, where: 'a.example:443' })
  refusals.add({ ...refused, where: 'b.example:443' })
  t.strictSame(told, ['a.example:443 1', 'b.example:443 1'])
  refusals.end()
  t.strictSame(told.slice(2), ['a.example:443 4'])
})

t.test('whoever tries ever new ones fills no log', async (t) => {
  const { refusals, told } = collect()
  for (let index = 0; index < 2000; index++) refusals.add({ ...refused, where: `${index}.example:443` })
  refusals.end()
  t.equal(told.length, 514)
  t.equal(told.at(-1), 'more destinations 1487')
})
