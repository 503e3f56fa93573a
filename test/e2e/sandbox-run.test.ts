import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { strengthsFor } from '../support/strengths.ts'
import { Account, outcomeOf, users } from './sandbox-run.ts'

const pathOnly = 0o10000000

for (const user of users()) {
  t.test(`as ${user.name}`, async (t) => {
    t.test("the command's output, status and signal are passed on", async (t) => {
      const account = new Account(t, user)
      t.match(await account.run(['--', 'echo', '007', '--json']), { code: 0, stdout: '007 --json\n', stderr: '' })
      t.match(await account.sh([], 'exit 7'), { code: 7 })
      t.match(await account.sh([], 'kill -9 $$'), { code: 128 + 9 })
      t.match(await account.run(['--', 'cat'], { input: 'in and out' }), { code: 0, stdout: 'in and out' })
    })

    t.test('127, 126 and 125 as with env(1), and nothing was run', async (t) => {
      const account = new Account(t, user)
      t.match(await account.run(['--', 'no-such-command']), { code: 127, stderr: /no such command/ })
      t.match(await account.run(['--', '/etc/passwd']), { code: 126, stderr: /not marked executable/ })
      t.match(await account.run(['--ro', '/no/such/path', '--', 'echo', 'ran']), {
        code: 125,
        stdout: '',
        stderr: /\/no\/such\/path/,
      })
      t.match(await account.run(['--filesystem', 'full', '--ro', '/', '--', 'echo', 'ran']), { code: 125, stdout: '' })
      t.match(await account.run(['--best-effort', 'everything', '--', 'echo', 'ran']), {
        code: 125,
        stdout: '',
        stderr: /fs-read, fs-write/,
      })
      t.match(await account.run([]), { code: 125, stderr: /no command/ })
    })

    t.test('a path among the arguments that is not visible gets a hint', async (t) => {
      const account = new Account(t, user)
      const folder = account.folder('data')
      t.match(await account.run(['--', 'ls', folder]), {
        code: 2,
        stderr: new RegExp(`filesystem = \\["${folder}:ro"\\]`),
      })
      t.notMatch((await account.run(['--ro', folder, '--', 'ls', folder])).stderr, /filesystem/)
    })

    t.test('a file may be granted for writing, without its folder', async (t) => {
      const account = new Account(t, user)
      const [file, other] = [join(account.home, 'notes'), join(account.home, 'other')]
      for (const path of [file, other]) {
        writeFileSync(path, 'before')
        account.own(path)
      }
      const script = `echo after >${file}; echo after >${other}; cat ${file}`
      t.match(await account.sh(['--rw', file], script), { code: 0, stdout: 'after\n' })
      t.equal(readFileSync(other, 'utf8'), 'before')
    })

    t.test('a limit that cannot be held is refused, and accepted as best effort', async (t) => {
      const account = new Account(t, user)
      const { cpu } = await strengthsFor(account)
      const strict = await account.run(['--max-cpu-percent', '50', '--', 'echo', 'ran'])
      const refused = { code: 125, stdout: '', stderr: /--best-effort cpu/ }
      t.match(strict, cpu === 'full' ? { code: 0, stdout: 'ran\n' } : refused)
      t.match(await account.run(['--max-cpu-percent', '50', '--best-effort', 'cpu,memory', '--', 'echo', 'ran']), {
        code: 0,
        stdout: 'ran\n',
      })
    })

    t.test('--json says on stderr what was enforced, --print-policy the policy as TOML', async (t) => {
      const account = new Account(t, user)
      const { stdout, stderr } = await account.run(['--json', '--', 'echo', 'out'])
      t.equal(stdout, 'out\n')
      const [report] = stderr.split('\n', 1).map((line) => JSON.parse(line))
      t.match(report, { type: 'sandbox.start', server: 'run', proof: { refused: { mount: 'EPERM' } } })
      t.equal(report.verdicts.length, 12)
      t.match(report.proof.found, { NoNewPrivs: '1', Seccomp: '2', CapEff: '0000000000000000' })
      t.match(
        (await account.run(['--print-policy', '--ro', 'x', '--max-pids', '9'])).stdout,
        `filesystem = ["${account.home}/x:ro"]`,
      )
      for (const [flag, line] of Object.entries({ true: 'true', public: 'true', false: 'false', none: 'false' })) {
        t.match((await account.run(['--print-policy', '--network', flag])).stdout, `\nnetwork = ${line}\n`)
      }
    })

    t.test('files as standard input and output are relayed; folders and O_PATH descriptors are refused', async (t) => {
      const account = new Account(t, user)
      const [source, target] = [join(account.home, 'in'), join(account.home, 'out')]
      const big = 'x'.repeat(3 * 1024 * 1024)
      writeFileSync(source, big)
      const files = [openSync(source, 'r'), openSync(target, 'w')]
      const relayed = account.start(
        ['--', 'sh', '-c', 'readlink /proc/self/fd/0 /proc/self/fd/1 >&2; cat'],
        [files[0] ?? 0, files[1] ?? 1, 'pipe'],
      )
      t.match(await outcomeOf(relayed), { code: 0, stderr: /^(pipe:.*\n){2}$/ })
      t.equal(readFileSync(target, 'utf8').length, big.length)
      const folders = [openSync(account.home, 'r'), openSync(source, pathOnly)]
      for (const fd of folders) {
        const refused = account.start(['--', 'echo', 'ran'], [fd, 'pipe', 'pipe'])
        t.match(await outcomeOf(refused), { code: 125, stdout: '', stderr: /standard input/ })
      }
      for (const fd of [...files, ...folders]) closeSync(fd)
    })

    t.test('a signal to mcpo ends every process of the sandbox, also SIGKILL', async (t) => {
      const account = new Account(t, user)
      for (const [signal, code] of [
        ['SIGTERM', 143],
        ['SIGINT', 130],
        ['SIGKILL', null],
      ] as const) {
        const child = account.start(['--', 'sh', '-c', 'sleep 1000 & echo up; sleep 1000'], ['ignore', 'pipe', 'pipe'])
        await new Promise((resolve) => child.stdout?.once('data', resolve))
        child.kill(signal)
        // The pipe ends when the last process that holds it is gone.
        const { code: ended } = await outcomeOf(child)
        t.equal(ended, code, signal)
      }
    })
  })
}
