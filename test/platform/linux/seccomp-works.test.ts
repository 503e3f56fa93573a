// The other side of an allow-list: what servers are written in keeps working under the filter.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { enforceable } from './enforceable.ts'
import { packageFolder, runSandboxed } from './sandboxed.ts'

const scripts = join(packageFolder, 'test/fixtures/probes')

await enforceable(t, 'Node.js works in the sandbox', (t) => checkWorks(t, process.execPath, 'works.cjs', 9))

await enforceable(t, 'Python works in the sandbox', (t) => checkWorks(t, 'python3', 'works.py', 11))

/** The script prints `what: works` for each of `count` things, and a stack trace instead where one does not. */
async function checkWorks(t: Test, command: string, script: string, count: number): Promise<void> {
  const { stdout, stderr, status } = await runSandboxed({ command, args: [join(scripts, script)] })
  const lines = stdout.trim().split('\n')
  t.strictSame(
    lines.filter((line) => !line.endsWith(': works')),
    [],
  )
  t.equal(lines.length, count, stderr)
  t.strictSame(status, { code: 0, signal: null })
}
