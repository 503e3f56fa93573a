/**
 * A gateway of its own for what would harm the tests' process: prints, as one line of JSON, what a server was answered to a
 * refused call, which events came, and the notes. With `deserted` the supervisor's listener is closed before the call.
 */
import { closeSync, readdirSync, readlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import type { SandboxEvent } from '../../../lib/sandbox/events/model.ts'
import { findingsOf, startAttack } from '../../support/attack.ts'

const deadlineMs = 120_000
void setTimeout(deadlineMs, null, { ref: false }).then(() => process.exit(70))

const events: SandboxEvent[] = []
const child = await startAttack(
  `
sys.stdin.readline()
act('mount', lambda: call('mount', 0, 0, 0, 0, 0))
`,
  { onEvent: (event) => events.push(event) },
)
if (process.argv.includes('deserted')) await desert()
const stdin = new Socket({ fd: child.stdio.stdin, readable: false, writable: true })
stdin.end('\n')
const output = await text(new Socket({ fd: child.stdio.stdout, writable: false }))
// The thread still believes in its descriptor: no orderly end may come.
console.log(JSON.stringify({ findings: findingsOf(output), events, notes: child.notes }))
process.exit(0)

/** The listener may still be on its way to the thread. */
async function desert(): Promise<void> {
  while (listeners().length === 0) await setTimeout(1)
  for (const fd of listeners()) closeSync(fd)
}

function listeners(): number[] {
  const open = readdirSync('/proc/self/fd').map(Number)
  return open.filter((fd) => targetOf(fd).includes('seccomp notify'))
}

function targetOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}
