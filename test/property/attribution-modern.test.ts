/** Clients without sessions share copies, ids and tokens: each message reaches the one that it is for, whatever era the server speaks. */
import fc from 'fast-check'
import t from 'tap'
import { type ModernAct, ModernPlay, modernKinds } from '../support/modern-play.ts'
import { Stage } from '../support/stage.ts'

const act: fc.Arbitrary<ModernAct> = fc.record({
  kind: fc.constantFrom(...modernKinds),
  who: fc.nat(63),
  turns: fc.nat(3),
  settles: fc.boolean(),
})
const acts = fc.array(act, { minLength: 1, maxLength: 40, size: 'max' })

for (const era of ['modern', 'legacy'] as const) {
  for (const path of ['/mcp/one', '/mcp']) {
    t.test(`${path}: random acts of clients and of servers of the ${era} era`, async (t) => {
      const stage = new Stage(
        async () => null,
        async () => {},
        6_000,
      )
      const done = await stage.holds(
        acts,
        async (_, acts) => {
          const play = new ModernPlay(path, era)
          try {
            await play.open()
            for (const act of acts) await play.act(act)
            await play.verdict()
          } finally {
            await play.stop()
          }
        },
        { runs: 100, ms: 5000 },
      )
      t.ok(done > 3, `${done} plays`)
    })
  }
}
