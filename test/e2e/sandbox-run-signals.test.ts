/** What is signalled to `mcpo sandbox run` reaches the program that it runs, whose status is the one that counts. */
import t from 'tap'
import { passedSignals } from '../../lib/sandbox/model.ts'
import { Account, commandLine, outcomeOf, users } from './sandbox-run.ts'

/** Tells of the first signal that comes, and exits with 7. */
const tellsOfSignal = `
import signal, sys
awaited = {getattr(signal, name) for name in sys.argv[1:]}
signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
print('up', flush=True)
print(signal.sigwait(awaited).name, flush=True)
sys.exit(7)`

/** A child in the same process group tells of SIGINT, or of SIGUSR2 from its parent, and what else came to it. */
const familyTells = `
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGUSR2})
child = os.fork()
if child == 0:
    got = signal.sigwait({signal.SIGINT, signal.SIGUSR2})
    print('child', got.name, *[other.name for other in signal.sigpending()], flush=True)
    os._exit(0)
print('up', flush=True)
got = signal.sigwait({signal.SIGINT, signal.SIGTERM})
if got == signal.SIGTERM: os.kill(child, signal.SIGUSR2)
os.waitpid(child, 0)
print('parent', got.name, flush=True)`

const ignoresAll = `
import signal, time
for name in ('SIGTERM', 'SIGHUP', 'SIGINT'): signal.signal(getattr(signal, name), signal.SIG_IGN)
print('up', flush=True)
while True: time.sleep(60)`

/** Types Ctrl-C at a terminal, whose foreground is the command given as arguments; shows what it writes. */
const atTerminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
seen = b''
while True:
    try: some = os.read(terminal, 4096)
    except OSError: break
    if not some: break
    if b'up' not in seen and b'up' in seen + some: os.write(terminal, b'\\x03')
    seen += some
print(seen.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))`

for (const user of users()) {
  t.test(`as ${user.name}`, async (t) => {
    const account = new Account(t, user)
    const startPython = (program: string, args: readonly string[] = []) =>
      account.start(['--', 'python3', '-c', program, ...args], ['ignore', 'pipe', 'pipe'])

    for (const name of passedSignals) {
      t.test(`${name} reaches the program`, async (t) => {
        const child = startPython(tellsOfSignal, passedSignals)
        child.stdout?.once('data', () => child.kill(name))
        t.match(await outcomeOf(child), { code: 7, stdout: `up\n${name}\n` }, 'its own status, not that of the signal')
      })
    }

    t.test('SIGINT reaches its whole group, as from a terminal, and SIGTERM the program alone', async (t) => {
      for (const [name, told] of [
        ['SIGINT', 'child SIGINT\nparent SIGINT\n'],
        ['SIGTERM', 'child SIGUSR2\nparent SIGTERM\n'],
      ] as const) {
        const child = startPython(familyTells)
        child.stdout?.once('data', () => child.kill(name))
        t.match(await outcomeOf(child), { code: 0, stdout: `up\n${told}` })
      }
    })

    t.test('a program that ignores SIGTERM is ended a little later, and that is told by 143', async (t) => {
      const child = startPython(ignoresAll)
      child.stdout?.once('data', () => child.kill('SIGTERM'))
      t.match(await outcomeOf(child), { code: 143, stdout: 'up\n' })
    })

    t.test('a Ctrl-C at the terminal is the business of the program', async (t) => {
      const run = [...commandLine, '--', 'python3', '-c', tellsOfSignal, 'SIGINT']
      const host = account.startOther(['python3', '-c', atTerminal, ...run], ['ignore', 'pipe', 'pipe'])
      const { code, stdout } = await outcomeOf(host)
      t.equal(code, 0)
      t.match(stdout, /SIGINT\s+7\n$/)
    })
  })
}
