// Prints "PASSED FAILED" of a TAP file, and on stderr what failed, with its diagnostics.
import { readFileSync } from 'node:fs'

const lines = readFileSync(process.argv[2], 'utf8').split('\n')
let passed = 0
let failed = 0
lines.forEach((line, index) => {
  // A parent's own line carries its time; its children were counted.
  const point = /^(\s*)(not )?ok \d+/.exec(line)
  if (point === null || / # time=/.test(line)) return
  if (point[2] === undefined) passed += 1
  else {
    failed += 1
    console.error(lines.slice(index, index + 30).join('\n'))
  }
})
for (const line of lines) if (/^ *not ok .*# time=/.test(line)) console.error(line)
// A file that never came to an end has no failed leaf of its own.
const broken = lines.filter((line) => /^not ok .*# time=/.test(line)).length
if (failed === 0) failed = broken
if (passed + failed === 0) {
  console.error(`no test was counted in ${process.argv[2]}`)
  process.exit(1)
}
console.log(`${passed} ${failed}`)
