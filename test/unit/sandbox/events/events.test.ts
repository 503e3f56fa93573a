// From what kernel and supervisor say to events, and from those to lines.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { SeenAccess } from '../../../../lib/native/index.ts'
import type { Plan } from '../../../../lib/policy/plan.ts'
import { endingEvents } from '../../../../lib/sandbox/events/ending.ts'
import type { Refusal } from '../../../../lib/sandbox/events/model.ts'
import { Telling } from '../../../../lib/sandbox/events/telling.ts'
import { eventInWords, terminalSafeJson } from '../../../../lib/sandbox/events/words.ts'
import { plainPlan } from '../../../support/plain-plan.ts'

const ended = { code: 0, signal: null }

async function explained(accesses: readonly Omit<SeenAccess, 'pid'>[], mounts: Plan['mounts'] = []) {
  const events: Refusal[] = []
  const telling = new Telling({ name: 'fix', plan: { ...plainPlan, mounts }, onEvent: (event) => events.push(event) })
  for (const access of accesses) telling.take({ kind: 'access', pid: 7, ...access })
  await telling.end(ended)
  return events
}

function hostFolder(t: Test): string {
  const folder = t.testdir({})
  mkdirSync(join(folder, 'sub'))
  writeFileSync(join(folder, 'file'), '')
  return folder
}

t.test('a path of the host that is not shown is told once, with the line that would show it', async (t) => {
  const path = join(hostFolder(t), 'file')
  const seen = { call: 'openat', intent: 'read', path } as const
  const events = await explained([seen, seen, { ...seen, path: join(path, '../sub/../file') }])
  t.match(events, [{ type: 'sandbox.access-refused', diagnostic: true, errno: 'ENOENT', path, count: 1 }])
  t.equal(events.length, 1)
  t.match(events[0], { allow: `filesystem = ["${path}:ro"]` })
})

t.test('a path that the host has not either is not told, nor one that the plan shows', async (t) => {
  const folder = hostFolder(t)
  const shown = { op: 'bind', source: folder, target: folder, access: 'ro', idmap: false, optional: false } as const
  const seen = { call: 'openat', intent: 'read' } as const
  t.same(await explained([{ ...seen, path: join(folder, 'no') }]), [])
  t.same(await explained([{ ...seen, path: join(folder, 'file') }], [shown]), [])
})

t.test('a write below what is read-only, or not shown, names what would have to be writable', async (t) => {
  const folder = hostFolder(t)
  const shown = { op: 'bind', source: folder, target: folder, access: 'ro', idmap: false, optional: false } as const
  const existing = { call: 'openat', intent: 'write', path: join(folder, 'file') } as const
  const made = { call: 'mkdirat', intent: 'write', path: join(folder, 'new') } as const
  t.match(await explained([existing, made], [shown]), [
    { errno: 'EROFS', allow: `filesystem = ["${folder}/file"]` },
    { errno: 'EROFS', allow: `filesystem = ["${folder}"]` },
  ])
  t.match(await explained([existing]), [{ errno: 'ENOENT', allow: `filesystem = ["${folder}/file"]` }])
  t.same(await explained([existing, made], [{ ...shown, access: 'rw' }]), [])
})

t.test(
  'a folder that is looked at is told apart from one that is opened, and what is on the way to a mount is there',
  async (t) => {
    const folder = hostFolder(t)
    const look = { call: 'newfstatat', intent: 'read', path: folder } as const
    t.match(await explained([look, { ...look, call: 'openat' }]), [{ lookedAtFolder: true }, { lookedAtFolder: false }])
    const file = { ...look, path: join(folder, 'file') }
    t.match(await explained([file]), [{ lookedAtFolder: false, grant: `${file.path}:ro` }])
    const inner = join(folder, 'sub')
    const own = { op: 'tmpfs', target: join(folder, '..'), sizeBytes: 1, inodes: 1, mode: 0o755 } as const
    const shown = { op: 'bind', source: inner, target: inner, access: 'ro', idmap: false, optional: false } as const
    t.same(await explained([{ ...look, call: 'openat' }], [own, shown]), [])
    t.match(await explained([{ ...look, call: 'openat' }], [own]), [{ grant: `${folder}:ro` }])
  },
)

t.test('for what the kernel shows as files there is no line', async (t) => {
  const seen = { call: 'openat', intent: 'read', path: '/sys/kernel' } as const
  t.match(await explained([seen]), [{ path: '/sys/kernel', grant: null, allow: null }])
})

t.test('however many paths a program names, no more than 4000 are looked at', async (t) => {
  const folder = hostFolder(t)
  const many = Array.from({ length: 4000 }, (_, index) => ({
    call: 'openat',
    intent: 'read' as const,
    path: `/no/such/${index}`,
  }))
  t.same(await explained([...many, { call: 'openat', intent: 'read', path: join(folder, 'file') }]), [])
})

t.test('a limit is told again only when it was hit again', async (t) => {
  const events: Refusal[] = []
  const telling = new Telling({ name: 'fix', plan: plainPlan, onEvent: (event) => events.push(event) })
  const hit = { limit: 'max_pids', value: 8, times: 1, killed: false } as const
  telling.hit(hit)
  telling.hit(hit)
  await telling.end({ ...ended, hits: [{ ...hit, times: 3 }] })
  t.match(events, [
    { type: 'sandbox.limit-hit', limit: 'max_pids', count: 1, allow: 'a larger max_pids' },
    { type: 'sandbox.limit-hit', count: 3 },
  ])
  t.equal(events.length, 2)
})

t.test('an end by SIGSYS or SIGXFSZ says what it was for; other ends say nothing', async (t) => {
  t.match(endingEvents('fix', { code: null, signal: 'SIGSYS' }), [{ type: 'sandbox.killed', why: /foreign kind/ }])
  t.match(endingEvents('fix', { code: null, signal: 'SIGXFSZ' }), [{ type: 'sandbox.killed', why: /larger than/ }])
  t.same(endingEvents('fix', { code: null, signal: 'SIGKILL' }), [])
  t.same(endingEvents('fix', ended), [])
})

t.test('a line says what, why, how often, and what would allow it', async (t) => {
  const refusal = { call: 'mount', why: 'mounts are settled', number: 165, pid: 7, count: 1, arguments: [] }
  const events: Refusal[] = []
  const telling = new Telling({ name: 'fix', plan: plainPlan, onEvent: (event) => events.push(event) })
  telling.take({ kind: 'refusal', ...refusal })
  telling.take({ kind: 'refusal', ...refusal, count: 5 })
  t.same(events.map(eventInWords), [
    'the system call mount: refused: mounts are settled; no line of the policy allows it',
    'the system call mount: refused 5 times: mounts are settled; no line of the policy allows it',
  ])
})

t.test('JSON for a terminal is the same JSON', async (t) => {
  const value = { path: '\u001b\u007f\u009b\u2028\\u009b é' }
  t.same(JSON.parse(terminalSafeJson(value)), value)
})

t.test('a path with line breaks and escapes stays one line', async (t) => {
  const folder = hostFolder(t)
  const path = join(folder, 'a\n\u001b[2J"\u009b2Jb')
  writeFileSync(path, '')
  const [event] = await explained([{ call: 'openat', intent: 'read', path }])
  if (event === undefined) throw new Error('nothing was told')
  const codes = [...eventInWords(event)].map((char) => char.charCodeAt(0))
  t.notOk(codes.some((code) => code < 32 || (code > 126 && code < 160)))
})

t.test('what passed is told in bytes, and a limit of it with the key that would raise it', async (t) => {
  const events: Refusal[] = []
  const telling = new Telling({ name: 'fix', plan: plainPlan, onEvent: (event) => events.push(event) })
  telling.egress.ended?.({ uploadBytes: 7, downloadBytes: 9 }, 1)
  telling.egress.exhausted?.('download', { uploadMb: 1, downloadMb: 2 })
  t.strictSame(events.map(eventInWords), [
    'sent 7 bytes and got 9 bytes over one connection',
    'the server: hit max_download_mb = 2 (it got that much within 24 hours, and is connected to nothing until less is); to allow it: a larger max_download_mb',
  ])
})
