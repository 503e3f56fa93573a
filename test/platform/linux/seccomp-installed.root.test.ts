// What the launcher installs is what the addon compiled, instruction by instruction, and nothing else. Only root may ask.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { probe, serverFilter } from '../../../lib/native/index.ts'
import { asRoot } from '../../support/must-enforce.ts'
import { enforceable } from './enforceable.ts'
import { probePath, startSandboxed } from './sandboxed.ts'

/** In hexadecimal digits: `struct sock_filter`, and where in it the operand is. */
const instructionDigits = 16
const operandAt = 8
/** `kMarkFromEnd` of native/linux/seccomp/told.h */
const markFromEnd = 3

await t.test('the filter', asRoot, async (t) => {
  await enforceable(t, 'of a running server is the compiled one', async (t) => {
    const running = await startSandboxed({ command: '/bin/cat', args: [] })
    await running.ready
    const init = childOf(running.pid)
    const server = childOf(init)
    const [installed, compiled] = [filterOf(server), compiledFilter()]
    const mark = (compiled.length / instructionDigits - markFromEnd) * instructionDigits + operandAt
    t.equal(withoutMark(installed, mark), withoutMark(compiled, mark))
    if (probe().userNotification) t.not(installed, compiled, "the launcher's mark is of this start alone")
    t.not(filterOf(init), filterOf(server), 'pid 1 has its own')
    t.strictSame((await running.finish()).status, { code: 0, signal: null })
  })
})

function compiledFilter(): string {
  return Buffer.from(serverFilter(probe().userNotification ? 'told' : 'answered')).toString('hex')
}

function withoutMark(filter: string, mark: number): string {
  return filter.slice(0, mark) + filter.slice(mark + operandAt)
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim())
}

function filterOf(pid: number): string {
  return execFileSync(probePath, ['--filter-of', String(pid)], { encoding: 'utf8' }).trim()
}
