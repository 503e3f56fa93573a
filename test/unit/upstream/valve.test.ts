import t from 'tap'
import { Valve } from '../../../lib/upstream/valve.ts'

class Source {
  isFlowing = true
  onResume: () => void = () => {}
  pause(): void {
    this.isFlowing = false
  }
  resume(): void {
    this.isFlowing = true
    this.onResume()
  }
  resumed(): Promise<void> {
    return new Promise((resolve) => {
      this.onResume = resolve
    })
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

t.test('after a long turn there is a rest as long', async (t) => {
  const source = new Source()
  const valve = new Valve(source)
  valve.turn(() => spend(20))
  t.notOk(source.isFlowing)
  const startedAt = performance.now()
  await source.resumed()
  t.ok(performance.now() - startedAt > 15)
})

t.test('its owner opens it after the rest at the earliest, and a rest does not open what the owner shut', async (t) => {
  const source = new Source()
  const valve = new Valve(source)
  valve.turn(() => spend(20))
  valve.pause()
  valve.resume()
  t.notOk(source.isFlowing, 'still resting')
  await source.resumed()
  valve.turn(() => spend(20))
  valve.pause()
  await new Promise((resolve) => setTimeout(resolve, 150))
  t.notOk(source.isFlowing, 'still held')
  valve.resume()
  t.ok(source.isFlowing)
})
