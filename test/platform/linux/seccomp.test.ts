// Each forbidden act is tried inside a real sandbox, and once more under a launcher that lacks the filter: a refusal
// counts as the filter's only if its errno is what the filter says and the other build answers something else.
import t, { type Test } from 'tap'
import { explainFilter } from '../../../lib/native/index.ts'
import { enforceable } from './enforceable.ts'
import { type LauncherName, probePath, runSandboxed } from './sandboxed.ts'
import { type Act, acts } from './seccomp-acts.ts'

/** The two builds that differ in the filter alone. */
const proofs: Record<Act['by'], readonly [withFilter: LauncherName, withoutFilter: LauncherName]> = {
  seccomp: ['product', 'seccomp'],
  'also-capabilities': ['capabilities', 'seccomp-and-capabilities'],
  'also-host': ['product', 'seccomp'],
  init: ['product', 'seccomp'],
}

type Answers = ReadonlyMap<string, string>

const here = acts.filter(({ only }) => only === undefined || only === process.arch)

await enforceable(t, 'the sandbox refuses', async (t) => {
  const answers = {
    product: await answersUnder('product'),
    seccomp: await answersUnder('seccomp'),
    capabilities: await answersUnder('capabilities'),
    'seccomp-and-capabilities': await answersUnder('seccomp-and-capabilities'),
  }
  t.strictSame([...answers.product.keys()].sort(), here.map(({ name }) => name).sort(), 'every act has its row')
  for (const act of here) {
    t.test(`${act.name} with ${act.answer}`, async (t) => {
      const [withFilter, withoutFilter] = proofs[act.by]
      const refusal = `denied ${act.answer}`
      t.equal(answers.product.get(act.name), refusal)
      t.equal(answers[withFilter as keyof typeof answers].get(act.name), refusal, `without ${withFilter}`)
      checkLayer(t, act, answers[withoutFilter as keyof typeof answers].get(act.name) ?? 'nothing')
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

async function answersUnder(launcher: LauncherName): Promise<Answers> {
  const { stdout, stderr, status } = await runSandboxed({ launcher, command: probePath, args: ['--all'] })
  if (status.code !== 0) throw new Error(`the probes ended with ${JSON.stringify(status)}: ${stdout}${stderr}`)
  const lines = stdout.trim().split('\n')
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]))
}
