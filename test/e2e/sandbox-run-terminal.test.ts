/** A terminal that the program has changed is as before when `mcpo sandbox run` has ended, as after any command of Node. */
import t from 'tap'
import { Account, commandLine, outcomeOf, users } from './sandbox-run.ts'

/** Runs its arguments on a new terminal; says whether that is left as it was. */
const comparesTerminal = `
import pty, subprocess, sys, termios
_, terminal = pty.openpty()
before = termios.tcgetattr(terminal)
code = subprocess.run(sys.argv[1:], stdin=terminal).returncode
print(code, termios.tcgetattr(terminal) == before)`

const endings = { '0': 'pass', '137': 'os.kill(os.getpid(), 9)' }

for (const user of users()) {
  for (const [code, ending] of Object.entries(endings)) {
    t.test(`as ${user.name}, a raw terminal is left by a program that ends with ${code}`, async (t) => {
      const account = new Account(t, user)
      const program = `import os, tty\ntty.setraw(0)\n${ending}`
      const run = [...commandLine, '--', 'python3', '-c', program]
      const host = account.startOther(['python3', '-c', comparesTerminal, ...run], ['ignore', 'pipe', 'pipe'])
      t.match(await outcomeOf(host), { code: 0, stdout: `${code} True\n` })
    })
  }
}
