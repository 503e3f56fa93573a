// What a plain `mcpo sandbox run` needs, in one file, and beside it what V8 made of it when it was built (a code cache,
// which V8 does not take when it is of another version). `bin/make-one-file.mjs` makes both.
const { readFileSync, statSync } = require('node:fs')
const { join } = require('node:path')
const { Script } = require('node:vm')

const lib = join(__dirname, '../dist/lib')
const file = join(lib, 'one-file.cjs')
const cacheFile = join(lib, 'one-file.cache')

/** `null` where it is missing, or older than what it was made of: every run of tsc writes all files. */
function fresh() {
  try {
    if (statSync(file).mtimeMs < statSync(join(lib, 'cli/main.js')).mtimeMs) return null
    return load()
  } catch {
    return null
  }
}

/** `need(path)`: the module that is `path` below dist/lib. `script`: for making the cache. */
function load() {
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData: cache() })
  return { script, need: script.runInThisContext()(require, (path) => join(lib, path)) }
}

function cache() {
  try {
    return readFileSync(cacheFile)
  } catch {
    return undefined
  }
}

module.exports = { fresh, load, file, cacheFile }
