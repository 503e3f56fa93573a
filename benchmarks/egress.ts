/**
 * `npm run bench:egress`: one stream out of a sandbox through the gateway, against a plain relay of Node's in the same rounds; and what
 * ten thousand connections leave behind in the gateway. Linux. `--json` prints data instead of lines, `--rounds N` sets how many.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import type { Policy } from '../lib/policy/model.ts'
import { parseList } from '../lib/policy/network/list.ts'
import { createContext } from '../lib/sandbox/context.ts'
import { startServer } from '../lib/sandbox/start.ts'
import { connectOften, readAll } from './egress/reader.ts'
import { median, medianRatio } from './rounds.ts'
import { timeRounds } from './spawn/times.ts'

const streamBytes = 512 * 1024 * 1024
const connections = 10_000
const httpProxyPort = 3128

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '7' } },
})
const rounds = Math.min(Math.max(Math.trunc(Number(options.rounds)) || 7, 1), 100)
const context = createContext({ configFile: null, environment: process.env })
const source = await listening('source.js', String(streamBytes))
const results = { stream: await measureStream(), connections: await measureConnections() }
await context.close()
if (options.json) console.log(JSON.stringify({ node: process.version, rounds, results }, null, 2))
process.exit()

/** The relay stands outside, and so does its reader: what differs is the sandbox and this process. */
async function measureStream(): Promise<object> {
  const relay = await listening('relay.js', String(source))
  const times = await timeRounds(
    [
      { name: 'plain relay', run: () => outside([String(relay)]) },
      { name: 'egress', run: () => inside(source, readAll, [String(source), String(httpProxyPort)]) },
    ],
    rounds,
  )
  const [plain, egress] = [...times.values()].map(({ wall }) => wall)
  const ratio = medianRatio(plain ?? [], egress ?? [])
  const mebibytesPerSecond = [plain, egress].map((wall) =>
    Math.round(streamBytes / 2 ** 20 / (median(wall ?? []) / 1000)),
  )
  tell(`one stream, egress / plain relay: ${ratio.toFixed(2)} (${mebibytesPerSecond.reverse().join(' and ')} MiB/s)`)
  return { ratio, mebibytesPerSecond }
}

async function measureConnections(): Promise<object> {
  const small = await listening('source.js', '1')
  await inside(small, connectOften, [String(small), '500'])
  const before = footprint()
  const answered = await inside(small, connectOften, [String(small), String(connections)])
  const after = footprint()
  const left = { descriptors: after.descriptors - before.descriptors, mebibytes: after.mebibytes - before.mebibytes }
  tell(
    `${answered} of ${connections} connections answered; left: ${left.descriptors} descriptors, ${left.mebibytes} MiB`,
  )
  return { connections, answered, left }
}

/** A Node program in a sandbox that may reach one port of this machine; the number that it printed. */
async function inside(port: number, code: string, args: readonly string[]): Promise<number> {
  const unwritten = (value: number) => ({ value, written: false })
  const policy: Policy = {
    name: 'bench',
    network: parseList([`127.0.0.1:${port}`]),
    filesystem: { kind: 'readonly' },
    inheritEnvironment: false,
    allowPersistence: [],
    limits: { memoryMb: unwritten(1024), cpuPercent: unwritten(800), pids: unwritten(256) },
    traffic: { uploadMb: unwritten(1024), downloadMb: unwritten(1_048_576) },
    bestEffort: [],
  }
  const command = { command: process.execPath, args: ['-e', code, ...args], env: {}, cwd: null, baseDir: '/' }
  const child = await startServer({ policy, ...command, secretVariables: new Set() }, context, { passing: true })
  new Socket({ fd: child.stdio.stdin, readable: false, writable: true }).end()
  const outputs = [child.stdio.stdout, child.stdio.stderr].map((fd) => text(new Socket({ fd, writable: false })))
  const [output, errors] = await Promise.all(outputs)
  await child.exited
  if (errors !== '') throw new Error(errors)
  return Number(output)
}

async function outside(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['-e', readAll, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return Number(await text(child.stdout))
}

/** The port on which a program of ours listens. It ends with this process. */
async function listening(program: string, argument: string): Promise<number> {
  const path = new URL(`./egress/${program}`, import.meta.url).pathname
  const child = spawn(process.execPath, [path, argument], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const [line] = await once(child.stdout, 'data')
  return Number(line)
}

function footprint(): { descriptors: number; mebibytes: number } {
  global.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return { descriptors: readdirSync('/proc/self/fd').length, mebibytes: Math.round((heapUsed + external) / 2 ** 20) }
}

function tell(line: string): void {
  if (!options.json) console.log(line)
}
