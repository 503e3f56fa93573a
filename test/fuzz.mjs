// Fuzzes the native code that strangers' bytes reach, with ASan and UBSan: `npm run fuzz -- --seconds 30`, shared by
// all targets. Ends with `N passed, N failed`; a crash exits 1 and names the file that does it again. Needs clang and its run time.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, filesBelow, project, sources } from './compile.mjs'

const folder = join(project, 'build/test/fuzz')
const flags = ['-std=c++20', '-fno-exceptions', '-Wall', '-Wextra', '-Werror', '-O1', '-g']
const sanitizers = ['-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all']
const headers = filesBelow(join(project, 'native'), ['.h', '.def'])
const maxInputBytes = 8192
const options = { seconds: { type: 'string', default: '30' }, target: { type: 'string', multiple: true } }

/** The whole of one target: every source anew, since each is fuzzed with its own. */
function programOf(target) {
  const inputs = sources.fuzz[target].map((source) => join(project, 'native', source))
  const output = join(folder, target, 'fuzz')
  return { command: 'clang++', args: [...flags, ...sanitizers, ...inputs], inputs: [...inputs, ...headers], output }
}

/** Settles with whether it found nothing. What it learned stays in its corpus for the next run. */
function fuzz(target, seconds) {
  const [corpus, seeds] = ['corpus', 'seeds'].map((name) => join(folder, target, name))
  for (const each of [corpus, seeds]) mkdirSync(each, { recursive: true })
  const crash = `${join(folder, target)}/`
  const limits = [`-max_total_time=${seconds}`, `-max_len=${maxInputBytes}`, '-timeout=10', '-rss_limit_mb=2048']
  const args = [...limits, `-artifact_prefix=${crash}`, '-verbosity=0', '-print_final_stats=1', corpus, seeds]
  const env = { ...process.env, MCPO_FUZZ_SEEDS: seeds }
  return new Promise((resolve, reject) => {
    const child = spawn(programOf(target).output, args, { stdio: ['ignore', 'inherit', 'inherit'], env })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code === 0))
  })
}

async function main() {
  const { values } = parseArgs({ options })
  const seconds = Number(values.seconds)
  const targets = values.target ?? Object.keys(sources.fuzz)
  const unknown = targets.find((target) => !Object.hasOwn(sources.fuzz, target))
  if (unknown !== undefined || !Number.isInteger(seconds) || seconds < targets.length)
    throw new Error(
      `--seconds takes a whole number from ${targets.length} up, --target one of ${Object.keys(sources.fuzz).join(', ')}`,
    )
  await build(targets.map(programOf))
  let passed = 0
  for (const target of targets) {
    console.log(`${target}:`)
    const isSound = await fuzz(target, Math.floor(seconds / targets.length))
    if (!isSound) console.log(`${target}: failed; the input is in ${join(folder, target)}`)
    passed += Number(isSound)
  }
  console.log(`${passed} passed, ${targets.length - passed} failed`)
  process.exitCode = passed === targets.length ? 0 : 1
}

await main().catch((error) => {
  console.error(`fuzz: ${error.message}`)
  process.exitCode = 1
})
