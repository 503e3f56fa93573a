// Runs C and C++ compilers for the tests: in parallel, and only where an input is newer than the output.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const project = fileURLToPath(new URL('..', import.meta.url))

/** native/sources.json, the one source list. */
export const sources = JSON.parse(readFileSync(join(project, 'native/sources.json'), 'utf8'))

/** Files below `folder` that have one of the endings. */
export function filesBelow(folder, endings) {
  const names = readdirSync(folder, { recursive: true })
  return names.filter((name) => endings.some((ending) => name.endsWith(ending))).map((name) => join(folder, name))
}

/** Runs what is out of date among `jobs` ({ output, inputs, command, args }); rejects with the compiler's words. */
export async function build(jobs) {
  const waiting = jobs.filter(isStale)
  const lanes = Array.from({ length: availableParallelism() }, async () => {
    for (let job = waiting.shift(); job; job = waiting.shift()) await run(job)
  })
  await Promise.all(lanes)
}

function isStale({ output, inputs }) {
  const made = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return inputs.some((input) => statSync(input).mtimeMs >= made)
}

function run({ output, command, args }) {
  mkdirSync(dirname(output), { recursive: true })
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args, '-o', output], { stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', (error) => reject(error.code === 'ENOENT' ? missing(command) : error))
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} could not build ${output}`))))
  })
}

function missing(command) {
  return new Error(`${command} was not found. Install a C and C++ compiler (Debian, Ubuntu: apt install g++ libc6-dev)`)
}
