/** A host to break out to: a process that has what no server may reach, and a plan for a server with two grants. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, cpSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'
import type { Plan } from '../../../../lib/policy/plan.ts'
import { makePlace, type Place } from '../../../support/place.ts'
import { packageFolder, planFor, probePath } from '../sandboxed.ts'

export interface Ground {
  readonly victim: Victim
  /** Granted read-only; holds the setuid program and the probes. */
  readonly readable: string
  readonly writable: string
  readonly plan: Plan
}

interface Victim {
  readonly uid: number
  /** See test/fixtures/layers/victim.py. */
  readonly has: Readonly<Record<string, unknown>>
}

const fixtures = join(packageFolder, 'test/fixtures/layers')
/** In the session's keyring: `inSessionWithKey`. */
const key = 'mcpo-layers'
/** Open in this process, and above those that Node itself keeps from what it starts. */
const descriptor = 100
const mark = 'MCPO_IN_SESSION_WITH_KEY'
const atTop = '/readable'
const python = '/usr/bin/python3'
const isRoot = process.getuid?.() === 0
/** Of a root gateway's host: some other account. */
const victimUid = isRoot ? 54_321 : (process.getuid?.() ?? -1)

/** Runs the test file again in a session that has a key, and ends this process with its result. Call it before anything else. */
export function inSessionWithKey(file: string): void {
  if (process.env[mark] !== undefined) return
  const args = ['-I', join(fixtures, 'with-key.py'), key, `${descriptor}`, process.execPath, file]
  const { status, error } = spawnSync(python, args, { stdio: 'inherit', env: { ...process.env, [mark]: '1' } })
  if (error !== undefined) throw error
  process.exit(status ?? 1)
}

export async function makeGround(t: Test): Promise<Ground> {
  const inherited = execFileSync('readlink', [`/proc/self/fd/${descriptor}`], { encoding: 'utf8' })
  t.equal(inherited, '/dev/null\n', 'what this process starts has its descriptor, if nothing closes it')
  // Below a folder that is the server's own to write.
  const place = makePlace(t, '/tmp')
  const victim = await startVictim(t, place)
  const readable = join(place.file('readable/file'), '..')
  const writable = place.makeFolder('writable')
  const given = { ...victim.has, readable, readableAtTop: atTop, writable, key, descriptor, ...makePrograms(readable) }
  const args = ['-I', join(readable, 'acts.py'), JSON.stringify(given)]
  const grants = [
    { path: readable, access: 'ro' },
    { path: writable, access: 'rw' },
  ] as const
  const plan = await planFor({ command: python, args, filesystem: { kind: 'paths', grants } })
  return { victim, readable, writable, plan: showAtTop(plan, readable) }
}

/** The same as a grant that lies below nothing writable. */
function showAtTop(plan: Plan, path: string): Plan {
  const mounts = plan.mounts.filter((each) => each.op === 'bind' && each.source === path)
  const landlock = plan.landlock && {
    ...plan.landlock,
    rules: plan.landlock.rules.flatMap((rule) => (rule.path === path ? [rule, { ...rule, path: atTop }] : [rule])),
  }
  return { ...plan, mounts: [...plan.mounts, ...mounts.map((each) => ({ ...each, target: atTop }))], landlock }
}

async function startVictim(t: Test, place: Place): Promise<Victim> {
  const become = isRoot ? ['setpriv', '--reuid', `${victimUid}`, '--regid', `${victimUid}`, '--clear-groups', '--'] : []
  const [command = '', ...args] = [
    ...become,
    python,
    '-I',
    join(fixtures, 'victim.py'),
    place.makeFolder('host'),
    `mcpo-layers-${randomUUID()}`,
  ]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  return { uid: victimUid, has: JSON.parse(line) }
}

function makePrograms(folder: string): { probe: string; setuid: string; capable: string } {
  const [probe, setuid, capable] = [join(folder, 'probe'), join(folder, 'id'), join(folder, 'cat')]
  cpSync(probePath, probe)
  cpSync('/usr/bin/id', setuid)
  cpSync('/usr/bin/cat', capable)
  cpSync(join(fixtures, 'acts.py'), join(folder, 'acts.py'))
  chmodSync(setuid, 0o4755)
  if (isRoot) giveNetRaw(capable)
  return { probe, setuid, capable }
}

/** capabilities(7), vfs_cap_data: second revision with its effective bit, what is permitted, nothing inheritable. */
function giveNetRaw(file: string): void {
  const script =
    'import os, struct, sys; os.setxattr(sys.argv[1], "security.capability", struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))'
  execFileSync(python, ['-I', '-c', script, file])
}
