/** With many sessions on one server, and calls in flight, each message reaches the client that it is for, and nobody else. */
import fc from 'fast-check'
import t from 'tap'
import { type Act, kinds, LegacyPlay } from '../support/legacy-play.ts'
import { Stage } from '../support/stage.ts'

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom(...kinds),
  who: fc.nat(63),
  turns: fc.nat(3),
  settles: fc.boolean(),
})
const play = fc.record({
  sessions: fc.integer({ min: 2, max: 4 }),
  acts: fc.array(act, { minLength: 1, maxLength: 50, size: 'max' }),
})

for (const path of ['/mcp/one', '/mcp']) {
  t.test(`${path}: random acts of random sessions`, async (t) => {
    const stage = new Stage(
      async () => null,
      async () => {},
    )
    const done = await stage.holds(
      play,
      async (_, { sessions, acts }) => {
        const play = new LegacyPlay(path)
        try {
          await play.open(sessions)
          for (const act of acts) await play.act(act)
          await play.verdict()
        } finally {
          await play.stop()
        }
      },
      { runs: 100, ms: 8000 },
    )
    t.ok(done > 5, `${done} plays`)
  })
}
