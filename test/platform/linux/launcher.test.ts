/** The launcher by itself: real launches of hand-written plans. */
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import t from 'tap'
import { enforceable } from './enforceable.ts'
import { baseMounts, bind, exitOf, failureOf, makePlan, Stage, users } from './launched.ts'

const stage = new Stage()
t.teardown(() => stage.remove())

await enforceable(t, 'the launcher', async (t) => {
  for (const user of users) {
    t.test(`as ${user.name}`, async (t) => {
      t.test('a shell runs, with nothing but its three descriptors', async (t) => {
        const outcome = await stage.shell(user, 'cd /proc/self/fd && echo *; read line || echo eof')
        t.match(outcome.stdout, /^0 1 2( 3)?\neof\n$/, 'a shell that expands * holds the folder itself open as 3')
        const listed = await stage.shell(
          user,
          'for fd in 3 4 5 6 7 8 9 10 20 64; do [ -e /proc/$$/fd/$fd ] && echo $fd; done; echo end',
        )
        t.equal(listed.stdout, 'end\n')
      })

      t.test('uid and gid are those of the plan, without groups', async (t) => {
        const outcome = await stage.shell(user, 'id -u; id -g; id -G; cat /proc/self/uid_map')
        const [uid, gid, groups, map] = outcome.stdout.split('\n')
        const inside = String(user.insideUid)
        t.same([uid, gid, groups], [inside, inside, inside])
        const own = ['1000', String(user.hostUid ?? user.uid), '1']
        t.same(words(map), user.userNamespace ? own : words(readFileSync('/proc/self/uid_map', 'utf8')))
      })

      t.test('sees no process but its own and pid 1', async (t) => {
        const outcome = await stage.shell(user, 'cd /proc; for p in [0-9]*; do cat $p/comm; done')
        t.same(new Set(outcome.stdout.trim().split('\n')), new Set(['mcpo-launch', 'sh']))
      })

      t.test('the exit code is passed on', async (t) => {
        const outcome = await stage.shell(user, 'exit 7')
        t.match(exitOf(outcome), { code: 7, signal: null })
        t.same(outcome.ending, { code: 7, signal: null })
      })

      t.test('the signal that ended the server is passed on', async (t) => {
        const outcome = await stage.shell(user, 'kill -TERM $$; sleep 5')
        t.match(exitOf(outcome), { code: null, signal: 15 })
      })

      t.test('the environment is the plan, and the one of pid 1 cannot be read', async (t) => {
        const outcome = await stage.run(
          user,
          makePlan(user, '', { executable: '/usr/bin/env', argv: ['env'], environment: ['A=1'] }),
        )
        t.equal(outcome.stdout, 'A=1\n')
        t.match((await stage.shell(user, 'cat /proc/1/environ')).stderr, /Permission denied/)
      })

      t.test('signals have their default actions, none is blocked', async (t) => {
        const outcome = await stage.shell(user, 'grep -E "^Sig(Blk|Ign)" /proc/self/status | cut -f2 | sort -u')
        t.equal(outcome.stdout, '0000000000000000\n')
      })

      t.test('the self-check reports what it found', async (t) => {
        const outcome = await stage.shell(user, 'true')
        const ready = outcome.records.find((record) => record.kind === 'ready')
        const none = '0000000000000000'
        t.match(ready, {
          facts: {
            Uid: new Array(4).fill(user.insideUid).join(' '),
            NoNewPrivs: '1',
            Seccomp: '2',
            CapEff: none,
            CapBnd: none,
            Landlock: 'absent',
            'refused.reach-out': String(constants.errno.ENETUNREACH),
          },
        })
      })

      t.test('Landlock is applied where the plan has it', async (t) => {
        const rules = [
          { path: '/', access: 0xd },
          { path: '/dev/null', access: 0xffff },
          { path: '/not/there', access: 0xffff },
        ]
        const landlock = { handledFs: 0xffff, scoped: 0, rules }
        const outcome = await stage.shell(user, 'echo x > /dev/null && echo dev; echo x > /tmp/file || echo refused', {
          landlock,
        })
        t.equal(outcome.stdout, 'dev\nrefused\n')
        t.equal((await stage.shell(user, 'echo x > /tmp/file && echo written')).stdout, 'written\n')
      })

      t.test('a dry run does everything but execute', async (t) => {
        const outcome = await stage.shell(user, 'echo ran', { dryRun: true })
        t.ok(outcome.records.some((record) => record.kind === 'ready'))
        t.equal(outcome.stdout, '')
        t.match(exitOf(outcome), { code: 0 })
      })

      t.test('an own network namespace has loopback and nothing else', async (t) => {
        const outcome = await stage.shell(user, 'tail -n +3 /proc/net/dev | cut -d: -f1; cat /proc/net/route | wc -l')
        t.same(outcome.stdout.trim().split(/\s+/), ['lo', '1'])
      })

      t.test('the host network is shared where the plan says so', async (t) => {
        const script = 'readlink /proc/self/ns/net'
        const own = await stage.shell(user, script)
        const shared = await stage.shell(user, script, { shareNetwork: true })
        t.not(own.stdout, shared.stdout)
      })

      t.test('resource limits hold', async (t) => {
        const rlimits = [
          { resource: 'nofile', value: 32 },
          { resource: 'fsize', value: 4096 },
          { resource: 'stack', value: 2048 * 1024, soft: 1024 * 1024 },
        ] as const
        const outcome = await stage.shell(
          user,
          'ulimit -n; ulimit -Hs; ulimit -Ss; head -c 9000 /dev/zero > /tmp/big || echo cut; wc -c < /tmp/big',
          { rlimits },
        )
        t.match(outcome.stdout, /^32\n2048\n1024\n(cut\n)?4096\n$/)
      })

      t.test("the name of the host is the plan's", async (t) => {
        t.equal((await stage.shell(user, 'cat /proc/sys/kernel/hostname')).stdout, 'srv\n')
      })
    })

    t.test(`each failing step is named, as ${user.name}`, async (t) => {
      const steps: readonly (readonly [string, object, string | RegExp])[] = [
        ['a missing source', { mounts: [...baseMounts, bind('/not/there')] }, 'open ENOENT /not/there'],
        ['a missing executable', { executable: '/usr/bin/not-there' }, 'exec ENOENT /usr/bin/not-there'],
        ['something that is no program', { executable: '/etc/passwd' }, 'exec EACCES /etc/passwd'],
        ['a missing working directory', { cwd: '/not/there' }, 'cwd ENOENT /not/there'],
        [
          'a plan without /proc',
          { mounts: baseMounts.filter(({ op }) => op !== 'proc') },
          // The program-to-be and pid 1 look at the same time.
          /^self-check ENOENT \/proc\/self\/(status|net\/dev)$/,
        ],
        [
          'a target below a file',
          { mounts: [...baseMounts, bind('/usr', '/etc/passwd/x')] },
          'bind ENOTDIR /etc/passwd/x',
        ],
        [
          'a target on the host',
          { mounts: [...baseMounts, bind('/usr', '/usr/mcpo-new')] },
          'bind EROFS /usr/mcpo-new',
        ],
      ]
      for (const [what, changes, expected] of steps) {
        t.test(what, async (t) => {
          const outcome = await stage.shell(user, 'echo ran', changes)
          if (typeof expected === 'string') t.equal(failureOf(outcome), expected)
          else t.match(failureOf(outcome), expected)
          t.equal(outcome.stdout, '', 'nothing ran')
        })
      }

      t.test('an optional source that is missing is passed over', async (t) => {
        const mounts = [...baseMounts, bind('/not/there', '/not/there', { optional: true })]
        t.equal((await stage.shell(user, 'echo ran', { mounts })).stdout, 'ran\n')
      })

      t.test('the path being opened is told before it is opened', async (t) => {
        for (const last of ['/not/there', '/not/there/any/longer', '/usr/share']) {
          const mounts = [...baseMounts, bind(last, '/m', { optional: true })]
          const { records } = await stage.shell(user, 'true', { mounts })
          t.same(
            records.filter(({ kind }) => kind === 'progress'),
            [{ kind: 'progress', step: 'open', detail: last }],
          )
        }
      })
    })
  }

  t.test('root without a host uid is refused, and so is a user with one', async (t) => {
    for (const user of users) {
      const outcome = await stage.shell(user, 'echo ran', { hostUid: user.hostUid === null ? 61_184 : null })
      t.match(failureOf(outcome), /^ids EPERM/)
      t.equal(outcome.stdout, '')
    }
  })
})

function words(line = ''): string[] {
  return line.trim().split(/\s+/)
}
