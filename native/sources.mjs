// Prints the sources of one part, a line each, for binding.gyp: `node native/sources.mjs addon linux`.
import { readFileSync } from 'node:fs'

const platforms = { linux: 'linux', mac: 'darwin', win: 'windows' }
const [part, group] = process.argv.slice(2)
const sources = JSON.parse(readFileSync(new URL('sources.json', import.meta.url), 'utf8'))[part]
const files = sources[group === 'common' ? group : (platforms[group] ?? 'unsupported')]
for (const file of files ?? []) console.log(`native/${file}`)
