/** Every mechanism of the sandbox on the kernel at hand, as the user at hand: few starts, because a kernel in software is slow. */
import { readlinkSync } from 'node:fs'
import t from 'tap'
import { Account, outcomeOf } from '../../e2e/sandbox-run.ts'
import { probePath, runSandboxed } from '../../platform/linux/sandboxed.ts'
import { acts } from '../../platform/linux/seccomp-acts.ts'
import { kernelAtHand } from '../kernels.ts'

const uid = process.getuid?.() ?? 0

t.test('each forbidden act is refused with the answer of its layer', async (t) => {
  const { stdout } = await runSandboxed({ command: probePath, args: ['--all'] })
  const answers = stdout.trim().split('\n')
  // User Mode Linux does not know 32-bit calls, and so its filter never sees one.
  const unknown = kernelAtHand().machine === 'uml' ? 'int80' : null
  for (const { name, answer, only } of acts) {
    if (only !== undefined && only !== process.arch) continue
    t.ok(answers.includes(`${name} denied ${name === unknown ? '0' : answer}`), name)
  }
})

t.test('each namespace is a new one', async (t) => {
  const names = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts']
  const inside = (await shell(`cd /proc/self/ns && readlink ${names.join(' ')}`)).split('\n')
  t.equal(inside.length, names.length)
  for (const name of names) t.notOk(inside.includes(readlinkSync(`/proc/self/ns/${name}`)), name)
})

t.test('the root directory is minimal, and nothing of it can be written', async (t) => {
  const refused =
    'for path in /new /etc/passwd /usr/new /proc/sys/kernel/hostname; do (echo 0 >$path) 2>&- || echo $path; done'
  t.equal(await shell(refused), '/new\n/etc/passwd\n/usr/new\n/proc/sys/kernel/hostname')
  t.equal(await shell('echo text >/tmp/file && cat /tmp/file'), 'text', 'its own /tmp can')
  t.equal(await shell('ls -d /sys /mnt /root /var/lib 2>&-; echo end'), 'end')
})

t.test('a process has no right left, and sees none but its own', async (t) => {
  const status = await shell('cat /proc/self/status')
  for (const line of ['NoNewPrivs:\t1', 'Seccomp:\t2', 'CapEff:\t0000000000000000', 'CapBnd:\t0000000000000000']) {
    t.ok(status.split('\n').includes(line), line)
  }
  t.equal(await shell('id -u'), '1000')
  t.match(await shell('echo /proc/[0-9]*'), /^\/proc\/1 \/proc\/\d+$/)
})

t.test('only loopback is there', async (t) => {
  t.match(await shell('tail -n +3 /proc/net/dev'), /^ *lo:[^\n]*$/)
})

t.test('mcpo sandbox run passes input, output and exit status on', async (t) => {
  const account = new Account(t, { name: `uid ${uid}`, uid })
  t.match(await account.run(['--', 'sh', '-c', 'cat; exit 7'], { input: 'text' }), {
    code: 7,
    stdout: 'text',
    stderr: '',
  })
})

t.test('nothing outlives mcpo, killed with SIGKILL', async (t) => {
  const account = new Account(t, { name: `uid ${uid}`, uid })
  const child = account.start(['--', 'sh', '-c', 'sleep 1000 & echo up; sleep 1000'], ['ignore', 'pipe', 'pipe'])
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  child.kill('SIGKILL')
  // The pipe ends when the last process that holds it is gone.
  t.match(await outcomeOf(child), { code: null })
})

/** What a shell script in the sandbox prints. */
async function shell(script: string): Promise<string> {
  return (await runSandboxed({ command: '/bin/sh', args: ['-c', script] })).stdout.trim()
}
