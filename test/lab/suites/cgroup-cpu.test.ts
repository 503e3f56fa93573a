/** The share of the processor that a server gets: what the kernel counted for its group, against the guest's clock. */
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { counters, kernelFiles } from '../../../lib/sandbox/cgroup/files.ts'
import { Account } from '../../e2e/sandbox-run.ts'
import { onlyGroup } from './slice.ts'

const uid = process.getuid?.() ?? 0
const spin = `
import os
if os.fork() != 0: print('both', flush=True)
while True: pass`

t.test('two processes together get 50 %, within a tenth, over five seconds', async (t) => {
  const { comesTo, stat } = await spinning(t, 50)
  t.equal(await comesTo({ least: 0.45, most: 0.55 }), 'within')
  t.not((await stat()).get('nr_throttled'), 0, 'they were held back')
})

t.test('they get the whole of it where the limit is higher', async (t) => {
  const { comesTo } = await spinning(t, 100)
  t.equal(await comesTo({ least: 0.65, most: 1.1 }), 'within')
})

interface Range {
  readonly least: number
  readonly most: number
}

async function spinning(t: Test, maxPercent: number) {
  const flags = ['--max-cpu-percent', String(maxPercent), '--', '/usr/bin/python3', '-I', '-c', spin]
  const child = new Account(t, { name: `uid ${uid}`, uid }).start(flags, ['ignore', 'pipe', 'inherit'])
  await once(child.stdout!, 'data')
  t.teardown(async () => {
    child.kill()
    await once(child, 'exit')
  })
  const stat = () => counters(join(onlyGroup(), 'cpu.stat'), kernelFiles)
  const usedMs = async () => ((await stat()).get('usage_usec') ?? 0) / 1000
  return { stat, comesTo: (range: Range) => comesTo(range, usedMs) }
}

const spanMs = 5000
const pauseMs = 250
const maxSamples = 240

/**
 * `within` once there were five seconds with a share in the range, else all shares of a minute. A host that lets the guest wait disturbs
 * a measurement (what it takes is charged to whoever ran, and repaid later), but does not bring a wrong limit into the range.
 */
async function comesTo({ least, most }: Range, usedMs: () => Promise<number>): Promise<string> {
  const shares: number[] = []
  const samples: { atMs: number; usedMs: number }[] = []
  while (samples.length < maxSamples) {
    const now = { atMs: performance.now(), usedMs: await usedMs() }
    const then = samples.findLast(({ atMs }) => now.atMs - atMs >= spanMs)
    if (then !== undefined) shares.push((now.usedMs - then.usedMs) / (now.atMs - then.atMs))
    if (shares.some((share) => share >= least && share <= most)) return 'within'
    samples.push(now)
    await sleep(pauseMs)
  }
  return shares.map((share) => share.toFixed(2)).join(' ')
}
