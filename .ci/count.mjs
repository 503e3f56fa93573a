// Prints "PASSED FAILED" of a TAP file: its top-level test points are files, their subtests the assertions.
import { readFileSync } from 'node:fs'

let passed = 0
let failed = 0
for (const line of readFileSync(process.argv[2], 'utf8').split('\n')) {
  // Leaves only: a parent's own line ends with ` {` or carries a comment with its time after its children.
  const point = /^(\s*)(not )?ok \d+/.exec(line)
  if (point === null || line.endsWith('{') || / # time=/.test(line)) continue
  if (point[2] === undefined) passed += 1
  else failed += 1
}
if (passed + failed === 0) {
  console.error(`no test was counted in ${process.argv[2]}`)
  process.exit(1)
}
console.log(`${passed} ${failed}`)
