/** What is different where root does without a user namespace: ids, and the rights to what the server is given. */
import { chownSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { MountOperation } from '../../../lib/policy/plan.ts'
import { enforceable } from './enforceable.ts'
import { baseMounts, bind, failureOf, rootWithoutUserNamespace, Stage, users } from './launched.ts'

const stage = new Stage()
t.teardown(() => stage.remove())

const user = rootWithoutUserNamespace
const owner = 1234

await enforceable(t, 'a launch by root without a user namespace', async (t) => {
  const shell = (script: string, ...mounts: MountOperation[]) =>
    stage.shell(user, script, { mounts: [...baseMounts, ...mounts] })

  t.test('no process of the sandbox has a capability of the host left', async (t) => {
    const { stdout } = await shell('grep -h ^Cap /proc/1/status /proc/self/status | cut -f2 | sort -u')
    t.equal(stdout, '0000000000000000\n')
  })

  t.test('all that the sandbox is made of belongs to the server, or to root where that is read-only', async (t) => {
    const { stdout } = await shell(
      'stat -c %u / /dev /dev/shm /tmp /home/mcp /etc/passwd; echo x >/home/mcp/file && cat /home/mcp/file',
    )
    t.equal(stdout, `${'61184\n'.repeat(6)}x\n`)
  })

  t.test('what it makes in a folder that its uid may write belongs to that uid', async (t) => {
    const folder = stage.makeFolder('open', 0o777)
    const { stdout } = await shell('echo x >/m/new && echo written', bind(folder, '/m', { access: 'rw', idmap: true }))
    t.equal(stdout, 'written\n')
    t.equal(statSync(`${folder}/new`).uid, user.hostUid)
  })

  t.test("a folder of somebody else's is shown read-only where others may read it", async (t) => {
    const folder = foreign('readable', 0o755)
    const { stdout } = await shell('cat /m/file; echo y >/m/file || echo refused', bind(folder, '/m', { idmap: true }))
    t.equal(stdout, 'x\nrefused\n')
  })

  t.test('a grant that the uid could not use is refused, with the path and the uid', async (t) => {
    const readable = foreign('not-writable', 0o755)
    const closed = foreign('closed', 0o700)
    for (const mount of [bind(readable, '/m', { access: 'rw', idmap: true }), bind(closed, '/m', { idmap: true })]) {
      const outcome = await shell('echo ran', mount)
      t.equal(failureOf(outcome), `rights EACCES ${mount.op === 'bind' ? mount.source : ''} as uid 61184`)
      t.equal(outcome.stdout, '')
    }
  })

  t.test('a file is judged as a folder is', async (t) => {
    const folder = foreign('of-files', 0o755)
    const ro = await shell('cat /m', bind(`${folder}/file`, '/m', { idmap: true }))
    t.equal(ro.stdout, 'x\n')
    const rw = await shell('echo ran', bind(`${folder}/file`, '/m', { access: 'rw', idmap: true }))
    t.equal(failureOf(rw), `rights EACCES ${folder}/file as uid 61184`)
  })

  t.test('what is shown to every server is not judged', async (t) => {
    const closed = foreign('shown', 0o700)
    t.equal((await shell('ls /m || echo refused', bind(closed, '/m'))).stdout, 'refused\n')
  })

  t.test('an ordinary user cannot do without one', async (t) => {
    for (const each of users.filter(({ uid }) => uid !== 0)) {
      const outcome = await stage.shell(each, 'echo ran', { userNamespace: false })
      t.match(failureOf(outcome), /^ids EPERM only root/)
      t.equal(outcome.stdout, '')
    }
  })
})

/** Of an owner that is neither root nor the server, with a file in it. */
function foreign(name: string, mode: number): string {
  const folder = stage.makeFolder(name, mode)
  writeFileSync(`${folder}/file`, 'x\n')
  chownSync(folder, owner, owner)
  chownSync(`${folder}/file`, owner, owner)
  return folder
}
