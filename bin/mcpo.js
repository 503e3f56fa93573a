#!/usr/bin/env node
// CommonJS, and nothing else of ours to load: Node starts that sooner, and who runs commands in sandboxes waits for each.
const { readFileSync, statSync } = require('node:fs')
const { Script } = require('node:vm')

const lib = `${__dirname}/../dist/lib`
// What a plain `mcpo sandbox run` needs, in one file, and beside it what V8 made of it when it was built (a code cache,
// which V8 does not take when it is of another version). `make-one-file.mjs` makes both.
const oneFile = { script: `${lib}/one-file.cjs`, cache: `${lib}/one-file.cache` }

function main() {
  const one = freshOneFile()
  const running = one?.need('cli/sandbox-run/plainly.js').runPlainly(process.argv) ?? null
  if (running === null) return runAny()
  // It never rejects. Nothing is left to be done then, and writing to standard output and error is done when it returns.
  return running.then(() => one.need('sandbox/end-process.js').endProcess())
}

/** Of libuv: half of them may look up names, which takes as long as a name server likes. By itself it makes four. */
const threads = '24'

async function runAny() {
  // Before the first of them is needed.
  if (process.argv[2] === 'serve') process.env.UV_THREADPOOL_SIZE ??= threads
  try {
    const { main } = await import('../dist/lib/cli/main.js')
    await main(process.argv)
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.url ?? error.message).includes('/dist/')) throw error
    console.error('mcpo: this copy is not built\nhint: Run "npm ci" (or "npm run build") in its folder first.')
    process.exitCode = 70
  }
}

/** `null` where it is missing, or older than what it was made of: every run of tsc writes all files. */
function freshOneFile() {
  try {
    if (statSync(oneFile.script).mtimeMs < statSync(`${lib}/cli/main.js`).mtimeMs) return null
    return loadOneFile()
  } catch {
    return null
  }
}

/** `need(path)`: the module that is `path` below dist/lib. `script`: for making the cache. */
function loadOneFile() {
  const script = new Script(readFileSync(oneFile.script, 'utf8'), { filename: oneFile.script, cachedData: cache() })
  return { script, need: script.runInThisContext()(require, (path) => `${lib}/${path}`) }
}

function cache() {
  try {
    return readFileSync(oneFile.cache)
  } catch {
    return undefined
  }
}

if (require.main === module) void main()
else module.exports = { oneFile, freshOneFile, loadOneFile }
