/** What the launcher makes of mount operations, seen from inside and, where it matters, from the host. */
import { chmodSync, chownSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import type { MountOperation } from '../../../lib/policy/plan.ts'
import { enforceable } from './enforceable.ts'
import { baseMounts, bind, failureOf, Stage, users } from './launched.ts'

const stage = new Stage()
t.teardown(() => stage.remove())

await enforceable(t, 'mount operations', async (t) => {
  for (const user of users) {
    const open = (name: string): string => {
      const folder = stage.makeFolder(`${user.name}-${name}`, 0o777)
      writeFileSync(`${folder}/old`, 'old\n')
      return folder
    }
    const shell = (script: string, ...mounts: MountOperation[]) =>
      stage.shell(user, script, { mounts: [...baseMounts, ...mounts] })

    t.test(`as ${user.name}`, async (t) => {
      t.test('nothing of the host but what the plan shows', async (t) => {
        const outcome = await shell(
          'echo /*; ls -A /.. | wc -l; ls -A / | wc -l; cat /proc/self/mountinfo | cut -d" " -f5 | grep -cx /',
        )
        const [roots, above, here, roofs] = outcome.stdout.split('\n')
        t.match(roots, /^\/bin \/dev \/etc \/home \/lib( \/lib64)? \/proc \/tmp \/usr$/)
        t.equal(above, here)
        t.equal(roofs, '1')
      })

      t.test('the root directory, /dev and /proc cannot be written', async (t) => {
        const script =
          'for p in /new /etc/passwd /dev/new /proc/sys/kernel/hostname /proc/self/oom_score_adj; do (echo 0 > $p) 2>/dev/null && echo $p; done; echo end'
        t.equal((await shell(script)).stdout, 'end\n')
      })

      t.test('devices work', async (t) => {
        const script =
          'echo gone > /dev/null && head -c 4 /dev/zero /dev/random /dev/urandom | wc -c; echo x > /dev/full || echo full; ls /dev'
        const outcome = await shell(script)
        t.match(
          outcome.stdout,
          /\nfull\nfd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n$/,
        )
      })

      t.test('what a read-only bind shows cannot be changed, what a read-write one shows can', async (t) => {
        const ro = open('ro')
        const rw = open('rw')
        const outcome = await shell(
          'cat /ro/old; echo new > /ro/new || echo refused; echo new > /rw/new && echo written',
          bind(ro, '/ro'),
          bind(rw, '/rw', { access: 'rw' }),
        )
        t.equal(outcome.stdout, 'old\nrefused\nwritten\n')
        t.notOk(existsSync(`${ro}/new`))
        t.equal(readFileSync(`${rw}/new`, 'utf8'), 'new\n')
      })

      t.test('a file can be bound, also below a folder that is not there yet', async (t) => {
        const folder = open('file')
        t.equal((await shell('cat /a/b/c', bind(`${folder}/old`, '/a/b/c'))).stdout, 'old\n')
      })

      t.test('read-only reaches submounts, and so does a read-only bind', async (t) => {
        const script = 'echo x > /dev/shm/file && echo before; echo x > /tmp/file || echo refused'
        const outcome = await shell(script, { op: 'readonly', target: '/tmp', optional: false })
        t.equal(outcome.stdout, 'before\nrefused\n')
        const host = await stage.shell(user, 'echo x > /dev/shm/mcpo-test || echo refused', {
          root: 'host-ro',
          mounts: [{ op: 'proc' }, { op: 'readonly', target: '/dev', optional: false }],
          cwd: '/',
        })
        t.equal(host.stdout, 'refused\n', '/dev/shm of the host is a mount of its own')
      })

      t.test('a later operation sees what earlier ones made', async (t) => {
        const folder = open('order')
        const outcome = await shell('cat /tmp/shown/old', bind(folder, '/tmp/shown'))
        t.equal(outcome.stdout, 'old\n')
      })

      t.test('a mask covers a folder and a file', async (t) => {
        const folder = open('mask')
        stage.makeFolder(`${user.name}-mask/inner`)
        writeFileSync(`${folder}/inner/secret`, 'secret')
        const script =
          'ls -A /m/inner; cat /m/old; echo x > /m/old || echo refused; echo x > /m/inner/x || echo refused'
        const masks = ['/m/inner', '/m/old'].map((target): MountOperation => ({ op: 'mask', target, optional: false }))
        t.equal((await shell(script, bind(folder, '/m', { access: 'rw' }), ...masks)).stdout, 'refused\nrefused\n')
        t.equal(readFileSync(`${folder}/old`, 'utf8'), 'old\n')
      })

      t.test('a pinned folder cannot be renamed or removed; one above it can, unless it is pinned too', async (t) => {
        const folder = open('pin')
        stage.makeFolder(`${user.name}-pin/a/b`, 0o777)
        chmodSync(`${folder}/a`, 0o777)
        const shown = bind(folder, '/m', { access: 'rw' })
        const pin = (target: string): MountOperation => ({ op: 'pin', target, optional: false })
        const script = 'mv /m/a/b /m/a/c || rmdir /m/a/b || echo refused; mv /m/a /m/d || echo refused'
        t.equal((await shell(script, shown, pin('/m/a'), pin('/m/a/b'))).stdout, 'refused\nrefused\n')
        t.equal((await shell(`${script}; mv /m/d /m/a`, shown, pin('/m/a/b'))).stdout, 'refused\n')
      })

      t.test('an optional target that is missing is passed over, another one is named', async (t) => {
        for (const op of ['readonly', 'pin', 'mask'] as const) {
          t.equal((await shell('echo ran', { op, target: '/not/there', optional: true })).stdout, 'ran\n')
          t.equal(
            failureOf(await shell('echo ran', { op, target: '/not/there', optional: false })),
            `${op} ENOENT /not/there`,
          )
        }
      })

      t.test('a link of the host does not lead a target out of the new root', async (t) => {
        const folder = open('link')
        symlinkSync('/etc', `${folder}/out`)
        const outcome = await shell('echo ran', bind(folder, '/m'), {
          op: 'file',
          target: '/m/out/mcpo-test',
          mode: 0o644,
          content: 'x',
        })
        t.notOk(existsSync('/etc/mcpo-test'))
        t.equal(outcome.stdout, 'ran\n', "it was made in the sandbox's own /etc")
      })

      t.test('a source with a symbolic link in it is refused', async (t) => {
        const folder = open('swapped')
        symlinkSync('/etc', `${folder}/link`)
        t.equal((await shell('cat /m/old', bind(folder, '/m'))).stdout, 'old\n')
        t.match(failureOf(await shell('echo ran', bind(`${folder}/link`, '/m'))), /^open ELOOP/)
        t.match(failureOf(await shell('echo ran', bind(`${folder}/link/ssl`, '/m'))), /^open ELOOP/)
        // Where root does not open it before, the workbench covers /proc.
        t.match(failureOf(await shell('echo ran', bind('/proc/self/root/etc', '/m'))), /^open (?:ELOOP|ENOENT)/)
      })

      t.test('setuid programs give nothing', async (t) => {
        const folder = open('setuid')
        writeFileSync(`${folder}/id`, readFileSync('/usr/bin/id'))
        chmodSync(`${folder}/id`, 0o6755)
        t.equal((await shell('/m/id -u', bind(folder, '/m'))).stdout, `${user.insideUid}\n`)
      })

      t.test('host-ro shows the host and changes nothing', async (t) => {
        const folder = open('host-ro')
        const outcome = await stage.shell(
          user,
          `cat ${folder}/old; echo x > ${folder}/new || echo refused; ls /proc/1/comm`,
          {
            root: 'host-ro',
            mounts: [{ op: 'dev', shmBytes: 4096 }, { op: 'proc' }],
            cwd: '/',
          },
        )
        t.equal(outcome.stdout, 'old\nrefused\n/proc/1/comm\n')
      })

      t.test('host-rw has the rights of the user, and no more', async (t) => {
        const folder = open('host-rw')
        const outcome = await stage.shell(
          user,
          `echo x > ${folder}/new && echo written; echo x > /etc/mcpo-test || echo refused`,
          {
            root: 'host-rw',
            mounts: [{ op: 'dev', shmBytes: 4096 }, { op: 'proc' }],
            cwd: '/',
          },
        )
        t.equal(outcome.stdout, 'written\nrefused\n')
      })

      if (user.name !== 'root') return
      t.test('what root creates through an id-mapped bind belongs to the owner of the folder', async (t) => {
        const folder = stage.makeFolder('mapped', 0o700)
        writeFileSync(`${folder}/secret`, 'secret\n', { mode: 0o600 })
        chownSync(folder, 1234, 1235)
        chownSync(`${folder}/secret`, 1234, 1235)
        const outcome = await shell(
          'cat /m/secret; echo new > /m/new; stat -c %u:%g /m/new',
          bind(folder, '/m', { access: 'rw', idmap: true }),
        )
        t.equal(outcome.stdout, 'secret\n1000:1000\n')
        const { uid, gid } = statSync(`${folder}/new`)
        t.same([uid, gid], [1234, 1235])
        const plain = await shell('cat /m/secret || echo refused', bind(folder, '/m'))
        t.equal(plain.stdout, 'refused\n', 'without the mapping it is out of reach')
      })

      t.test('a file system that refuses id-mapping is shown as it is, with a note', async (t) => {
        const outcome = await shell('ls /m > /dev/null && echo ran', bind('/proc', '/m', { idmap: true }))
        t.ok(outcome.records.some((record) => record.kind === 'note' && record.text === 'not id-mapped: /proc'))
        t.equal(outcome.stdout, 'ran\n')
      })
    })
  }
})
