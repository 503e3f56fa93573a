/** Where no user namespaces may be made: root starts servers, each under a uid of its own; an ordinary user is refused with the reason. */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import type { DoctorReport } from '../../lib/cli/doctor/report.ts'
import type { Verdict } from '../../lib/policy/model.ts'
import { probePath } from '../platform/linux/sandboxed.ts'
import { acts } from '../platform/linux/seccomp-acts.ts'
import { packageFolder, python } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const reason = /user\.max_user_namespaces = 0 forbids user namespaces/
const place = makePlace(t)
const asUser = ['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups']

t.test('a server of root runs under its own uid, without any right', async (t) => {
  const { status, stdout, stderr } = run(
    '--',
    'sh',
    '-c',
    'id -u; grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status',
  )
  t.equal(status, 0, stderr)
  const [uid, ...lines] = stdout.trim().split('\n')
  t.ok(Number(uid) >= 61_184 && Number(uid) <= 65_519, `uid ${uid}`)
  t.same(lines, ['CapEff:\t0000000000000000', 'CapBnd:\t0000000000000000', 'NoNewPrivs:\t1', 'Seccomp:\t2'])
})

t.test('each forbidden act is refused with the answer of its layer', async (t) => {
  const { stdout } = run('--ro', dirname(probePath), '--', probePath, '--all')
  const answers = stdout.trim().split('\n')
  for (const { name, answer, only } of acts) {
    if (only === undefined || only === process.arch) t.ok(answers.includes(`${name} denied ${answer}`), name)
  }
})

t.test('the verdicts say what is different', async (t) => {
  const { stdout } = run('--json')
  const { verdicts } = JSON.parse(stdout) as { verdicts: Verdict[] }
  const by = (name: string): string => verdicts.find(({ guarantee }) => guarantee === name)?.by.join('; ') ?? ''
  t.match(by('privileges'), /no user namespace/)
  t.match(by('fs-write'), /no id-mapping/)
  t.match(by('pids'), /copies together|control group/)
})

t.test('a folder that every uid may write can be granted, and what is made there is the uid its own', async (t) => {
  const folder = place.makeFolder('open')
  const { status, stderr } = run('--rw', folder, '--', 'sh', '-c', `echo x >${folder}/new`)
  t.equal(status, 0, stderr)
  const { uid } = statSync(join(folder, 'new'))
  t.ok(uid >= 61_184 && uid <= 65_519, String(uid))
})

t.test('one that the uid may not write is refused, with who it is and what to do', async (t) => {
  const folder = place.makeFolder('closed')
  chmodSync(folder, 0o755)
  const { status, stdout, stderr } = run('--rw', folder, '--', 'echo', 'ran')
  t.same([status, stdout], [125, ''])
  t.match(stderr, new RegExp(`the step "rights" \\(${folder} as uid \\d+\\) failed with EACCES`))
  t.match(stderr, /setfacl/)
})

t.test('a folder that was given to a uid can be granted to a command under that uid', async (t) => {
  const folder = place.makeFolder('given')
  const uid = 65_431
  chownSync(folder, uid, uid)
  chmodSync(folder, 0o700)
  const script = `echo x >${folder}/new && id -u`
  t.match(run('--uid', String(uid), '--rw', folder, '--', 'sh', '-c', script), { status: 0, stdout: `${uid}\n` })
  t.equal(statSync(join(folder, 'new')).uid, uid)
  t.match(run('--uid', '0', '--', 'true'), { status: 125, stderr: /not from 61184 to 65519/ })
  t.match(mcpo(asUser, 'sandbox', 'run', '--uid', String(uid), '--', 'true'), { status: 125 })
})

t.test('mcpo doctor starts servers, and says what there is not', async (t) => {
  const { status, stdout } = mcpo([], 'doctor', '--json')
  t.equal(status, 0)
  const { host }: DoctorReport = JSON.parse(stdout)
  const line = (name: string) => host.find((each) => each.name === name)
  t.match(line('empty sandbox'), { ok: true })
  t.match(line('user namespaces'), { ok: false, needed: false, found: reason, change: /set user\.max_user_namespaces/ })
})

t.test('an ordinary user is refused with the reason, and nothing runs', async (t) => {
  const refused = mcpo(asUser, 'sandbox', 'run', '--', 'echo', 'ran')
  t.same([refused.status, refused.stdout], [125, ''])
  t.match(refused.stderr, reason)
  t.match(refused.stderr, /set user\.max_user_namespaces .*or start the gateway as root/)
  const { status, stdout } = mcpo(asUser, 'doctor', '--json')
  t.equal(status, 3)
  const { host }: DoctorReport = JSON.parse(stdout)
  t.match(
    host.find(({ name }) => name === 'empty sandbox'),
    { ok: false, found: reason },
  )
})

t.test("this host's own limit is what it was", async (t) => {
  t.not(readFileSync('/proc/sys/user/max_user_namespaces', 'utf8'), '0\n')
})

function run(...args: readonly string[]) {
  return mcpo([], 'sandbox', 'run', ...args)
}

function mcpo(by: readonly string[], ...args: readonly string[]) {
  const around = join(packageFolder, 'test/fixtures/outer/without-user-namespaces.py')
  const line = [around, ...by, process.execPath, join(packageFolder, 'bin/mcpo.js'), ...args]
  const env = { PATH: process.env['PATH'], HOME: place.folder, STATE_DIRECTORY: join(place.folder, 'state') }
  return spawnSync(python, line, { encoding: 'utf8', env, cwd: '/', timeout: 60_000 })
}
