import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { Valve } from '../../../lib/upstream/valve.ts'

const longestRestMs = 100

class Source {
  isFlowing = true
  pause(): void {
    this.isFlowing = false
  }
  resume(): void {
    this.isFlowing = true
  }
}

function spend(ms: number): void {
  const startedAt = performance.now()
  while (performance.now() - startedAt < ms);
}

t.test('what is handled quickly flows on', async (t) => {
  const source = new Source()
  new Valve(source).turn(() => {})
  t.ok(source.isFlowing)
})

/** Of the time that timers know, only what the test lets pass. */
function holdTime(t: Test): (ms: number) => void {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  return (ms) => mock.timers.tick(ms)
}

t.test('after a long turn there is a rest as long', async (t) => {
  const pass = holdTime(t)
  const source = new Source()
  new Valve(source).turn(() => spend(20))
  t.notOk(source.isFlowing)
  pass(19)
  t.notOk(source.isFlowing)
  pass(longestRestMs)
  t.ok(source.isFlowing)
})

t.test('its owner opens it after the rest at the earliest, and a rest does not open what the owner shut', async (t) => {
  const pass = holdTime(t)
  const source = new Source()
  const valve = new Valve(source)
  valve.turn(() => spend(20))
  valve.pause()
  valve.resume()
  t.notOk(source.isFlowing, 'still resting')
  pass(longestRestMs)
  t.ok(source.isFlowing)
  valve.turn(() => spend(20))
  valve.pause()
  pass(longestRestMs)
  t.notOk(source.isFlowing, 'still held')
  valve.resume()
  t.ok(source.isFlowing)
})
