/**
 * A gateway in forty lines, for the launcher's tests, which run it under other user ids: takes a plan as JSON on stdin,
 * launches it, and prints what happened as one line of JSON. With `--hold` it prints the pid as soon as the server runs, and
 * stays until it is killed; with `--let-go` it closes the lifeline then.
 */
import { closeSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  decodeStatus,
  isNativeFailure,
  launcherPath,
  reap,
  type StatusRecord,
  spawn,
  stdioPipes,
} from '../../../lib/native/index.ts'
import type { Outcome } from './launched.ts'

/** A test that hangs must not outlive its runner. */
const deadlineMs = 120_000
setTimeout(() => process.exit(70), deadlineMs).unref()

const plan = JSON.parse(await text(process.stdin))
const pipes = stdioPipes(process.getuid?.() === 0 ? plan.hostUid : null)
if (isNativeFailure(pipes)) throw new Error(`${pipes.stage} ${pipes.errno}`)
const child = spawn(plan, { launcher: launcherPath, stdio: pipes.child, cgroup: null, refusals: 'told' })
for (const fd of pipes.child) closeSync(fd)
if (isNativeFailure(child)) {
  print({ failure: child, records: [], stdout: '', stderr: '', ending: null })
} else {
  const [stdin, stdout, stderr] = pipes.parent
  closeSync(stdin)
  const records: StatusRecord[] = []
  const decode = decodeStatus()
  const status = new Socket({ fd: child.status, writable: false })
  status.on('data', (chunk) => {
    for (const record of decode(chunk)) {
      records.push(record)
      if (record.kind === 'ready') onReady(child.pid, child.lifeline)
    }
  })
  const outputs = Promise.all([
    text(new Socket({ fd: stdout, writable: false })),
    text(new Socket({ fd: stderr, writable: false })),
  ])
  await new Promise((resolve) => status.on('close', resolve))
  records.push(...decodeStatus()(readFileSync(child.step)))
  const [out, err] = await outputs
  let ending = reap(child.pidfd)
  while (ending === null) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    ending = reap(child.pidfd)
  }
  print({ failure: null, records, stdout: out, stderr: err, ending: isNativeFailure(ending) ? null : ending })
  process.exit(0)
}

function onReady(pid: number, lifeline: number): void {
  if (process.argv.includes('--hold')) console.log(JSON.stringify({ launcher: pid, gateway: process.pid }))
  if (process.argv.includes('--let-go')) closeSync(lifeline)
}

function print(outcome: Outcome): void {
  console.log(JSON.stringify(outcome))
}
