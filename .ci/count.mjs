// Prints "PASSED FAILED" of a TAP file, and on stderr what failed, with its diagnostics. No test may be skipped: what a
// run cannot do is not in its list of files (`*.root.test.ts`), and what it has in its list it must do.
import { readFileSync } from 'node:fs'
import { countTap } from '../dist/test/support/tap-counts.js'

const { passed, failed, failures } = countTap(readFileSync(process.argv[2], 'utf8').split('\n'))
for (const failure of failures) console.error(failure)
if (passed + failed === 0) {
  console.error(`no test was counted in ${process.argv[2]}`)
  process.exit(1)
}
console.log(`${passed} ${failed}`)
