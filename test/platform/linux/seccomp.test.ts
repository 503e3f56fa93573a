// Each forbidden act is tried inside a real sandbox, and once more without the filter: a refusal
// counts as the filter's only if its errno is what the filter says and the answer is another without it.
import t, { type Test } from 'tap'
import { explainFilter } from '../../../lib/native/index.ts'
import { enforceable } from './enforceable.ts'
import { probePath, runSandboxed, type Wall } from './sandboxed.ts'
import { type Act, acts } from './seccomp-acts.ts'

type Lack = 'nothing' | 'seccomp' | 'capabilities' | 'both'

/** Two sandboxes that differ in the filter alone. */
const proofs: Record<Act['by'], readonly [withFilter: Lack, withoutFilter: Lack]> = {
  seccomp: ['nothing', 'seccomp'],
  'also-capabilities': ['capabilities', 'both'],
  'also-host': ['nothing', 'seccomp'],
  init: ['nothing', 'seccomp'],
}

type Answers = ReadonlyMap<string, string>

const here = acts.filter(({ only }) => only === undefined || only === process.arch)

await enforceable(t, 'the sandbox refuses', async (t) => {
  const answers: Record<Lack, Answers> = {
    nothing: await answersUnder(),
    seccomp: await answersUnder(['seccomp', 'self-check']),
    capabilities: await answersUnder(['capabilities', 'self-check']),
    both: await answersUnder(['seccomp', 'capabilities', 'self-check']),
  }
  t.strictSame([...answers.nothing.keys()].sort(), here.map(({ name }) => name).sort(), 'every act has its row')
  for (const act of here) {
    t.test(`${act.name} with ${act.answer}`, async (t) => {
      const [withFilter, withoutFilter] = proofs[act.by]
      const refusal = `denied ${act.answer}`
      t.equal(answers.nothing.get(act.name), refusal)
      t.equal(answers[withFilter].get(act.name), refusal, `lacks ${withFilter}`)
      checkLayer(t, act, answers[withoutFilter].get(act.name) ?? 'no answer')
    })
  }
})

/** `control` is what the build without the filter answers. */
function checkLayer(t: Test, act: Act, control: string): void {
  const refusal = `denied ${act.answer}`
  if (act.by === 'init') {
    t.equal(control, refusal, 'not the filter: without it the answer is the same')
  } else if (act.by === 'also-host') {
    t.match(explainFilter(), new RegExp(`^EPERM:[^:]*\\b${act.name}\\b`, 'm'), 'the filter lists it')
  } else {
    t.not(control, refusal, 'without the filter the answer is another')
    t.notMatch(control, /cannot/)
  }
}

async function answersUnder(without?: readonly Wall[]): Promise<Answers> {
  const run = { command: probePath, args: ['--all'] }
  const { stdout, stderr, status } = await runSandboxed(without === undefined ? run : { ...run, without })
  if (status.code !== 0) throw new Error(`the probes ended with ${JSON.stringify(status)}: ${stdout}${stderr}`)
  const lines = stdout.trim().split('\n')
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]))
}
