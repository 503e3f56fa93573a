// The table of layers, tried: each layer is left out alone, and for each act all of its layers but one, and all of them. An act
// must get through where all of its layers are gone, and nowhere else; and the answer is that of the first that is left.
import t, { type Test } from 'tap'
import { enforceable } from '../enforceable.ts'
import { startPlanned } from '../sandboxed.ts'
import { type Ground, inSessionWithKey, makeGround } from './ground.ts'
import { canBeOff, closure, isHere, without } from './switches.ts'
import { type Act, acts, type Layer } from './table.ts'

type Off = ReadonlySet<Layer>
type Answers = Readonly<Record<string, string>>

inSessionWithKey(import.meta.filename)

const here = acts.filter(({ only }) => only === undefined || process.getuid?.() === 0)

await enforceable(t, 'of the layers of the sandbox', async (t) => {
  const ground = await makeGround(t)
  const sets = setsToTry()
  const answers = await eachOf(sets, (off) => answersWithout(ground, off))
  for (const act of here) {
    t.test(`"${act.name}" is refused by ${layersOf(act).join(', ')}`, async (t) => {
      for (const [index, off] of sets.entries()) check(t, act, off, answers[index]?.[act.name])
    })
  }
})

function layersOf(act: Act): Layer[] {
  return act.layers.map(([layer]) => layer).filter(isHere)
}

/** Without repetition, the whole sandbox first. */
function setsToTry(): Off[] {
  const ofActs = here.flatMap((act) => {
    const layers = layersOf(act).filter(canBeOff)
    return [layers, ...layers.map((kept) => layers.filter((layer) => layer !== kept))]
  })
  const single = [...new Set(here.flatMap(layersOf))].filter(canBeOff).map((layer) => [layer])
  const sets = [[], ...single, ...ofActs].map(closure)
  return [...new Map(sets.map((off) => [[...off].sort().join(), off])).values()]
}

function check(t: Test, act: Act, off: Off, answer: string | undefined): void {
  const left = act.layers.filter(([layer]) => isHere(layer) && !off.has(layer))
  const name = off.size === 0 ? 'in the whole sandbox' : `without ${[...off].join(', ')}`
  const [first] = left
  if (first === undefined) t.equal(answer, 'allowed', `${name} it gets through`)
  else if ([...off].every((layer) => act.layers.some(([own]) => own === layer)))
    t.equal(answer, first[1], `${name} it is refused by ${first[0]}`)
  else t.not(answer ?? 'allowed', 'allowed', `${name} it is refused`)
}

async function answersWithout(ground: Ground, off: Off): Promise<Answers> {
  const { plan, walls } = without(ground.plan, off, ground)
  const running = off.size === 0 ? startPlanned(ground.plan) : startPlanned(plan, walls)
  const { stdout, stderr, status } = await running.finish()
  if (status.code !== 0 || stderr !== '') throw new Error(`without ${[...off]}: ${JSON.stringify(status)} ${stderr}`)
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, string]),
  )
}

/** Two at a time. */
async function eachOf<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const waiting = [...items.entries()]
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await run(next[1])
  }
  await Promise.all([lane(), lane()])
  return results
}
