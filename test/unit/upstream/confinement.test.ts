// What the log says of a server's start and of what its sandbox refuses.
import t from 'tap'
import type { Started } from '../../../lib/sandbox/events/model.ts'
import { tellEvent } from '../../../lib/upstream/confinement.ts'
import type { Log } from '../../../lib/upstream/model.ts'

const start: Started = {
  type: 'sandbox.start',
  server: 'files',
  pid: 7,
  verdicts: [
    { guarantee: 'fs-read', strength: 'full', by: ['mounts'] },
    { guarantee: 'network', strength: 'none', by: [], weakened: 'network = "host": everything' },
    { guarantee: 'process-isolation', strength: 'partial', by: [], weakened: 'network = "host": everything' },
    { guarantee: 'memory', strength: 'partial', by: ['rlimit'], why: 'no control group' },
  ],
  proof: { found: { Seccomp: '2' }, refused: { mount: 'EPERM', bpf: 'EPERM' } },
  notes: ['a note'],
}

function record(): { readonly log: Log; readonly lines: (readonly [string, object, string])[] } {
  const lines: (readonly [string, object, string])[] = []
  const at = (level: string) => (facts: object, text: string) => void lines.push([level, facts, text])
  return { log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }, lines }
}

t.test('a start is one event: its verdicts and its proof; each weakening and note is a warning, once', async (t) => {
  const { log, lines } = record()
  tellEvent(log, start)
  const words = 'full: fs-read; partial: process-isolation, memory; none: network'
  t.strictSame(lines, [
    ['info', { event: start }, `server "files": started: ${words}; proved from inside: 2 forbidden acts were refused`],
    ['warn', { server: 'files' }, 'network = "host": everything'],
    ['warn', { server: 'files' }, 'a note'],
  ])
})

t.test('a server without a sandbox proves nothing, and the line says so', async (t) => {
  const { log, lines } = record()
  tellEvent(log, { ...start, proof: null })
  t.match(lines[0]?.[2], /nothing is proved from inside$/)
})

t.test('a failed start is told by whoever needed it, a routine refusal only to who debugs', async (t) => {
  const { log, lines } = record()
  const told = { server: 'files', what: 'it', why: 'so', allow: null, count: 1 }
  tellEvent(log, { type: 'sandbox.start-failed', ...told })
  t.same(lines, [])
  const call = { call: 'get_mempolicy', number: 239, pid: 9, arguments: [] }
  tellEvent(log, { type: 'sandbox.call-refused', routine: true, ...call, ...told })
  tellEvent(log, { type: 'sandbox.call-refused', routine: false, ...call, ...told })
  t.same(
    lines.map(([level]) => level),
    ['debug', 'warn'],
  )
})
