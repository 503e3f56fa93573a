/** What a program asks of stacks: many threads at once in the default memory limit, and deep recursion on the main thread. */
import t from 'tap'
import { Account, users } from './sandbox-run.ts'

/** All of them are there at the same time, each with a stack as the C library makes it. */
const threadsAtOnce = `
import threading
barrier = threading.Barrier(101)
threads = [threading.Thread(target=barrier.wait) for _ in range(100)]
for thread in threads: thread.start()
barrier.wait()
for thread in threads: thread.join()
print('ok')`

const deepPython = `
import json, sys
sys.setrecursionlimit(20000)
def depth(n): return 0 if n == 0 else 1 + depth(n - 1)
nested = json.loads('[' * 2000 + ']' * 2000)
print(depth(15000), len(repr(nested)))`

const deepNode = `
const depth = (n) => (n === 0 ? 0 : 1 + depth(n - 1))
const endless = () => 1 + endless()
try { endless() } catch (error) { console.log(depth(5000), error instanceof RangeError) }`

for (const user of users()) {
  t.test(`as ${user.name}`, async (t) => {
    const account = new Account(t, user)

    t.test('a hundred threads run at once', async (t) => {
      t.match(await account.run(['--', 'python3', '-c', threadsAtOnce]), { code: 0, stdout: 'ok\n', stderr: '' })
    })

    t.test('Python and Node recurse deeply on the main thread', async (t) => {
      t.match(await account.run(['--', 'python3', '-c', deepPython]), { code: 0, stdout: '15000 4000\n' })
      t.match(await account.run(['--', 'node', '-e', deepNode]), { code: 0, stdout: '5000 true\n' })
    })

    t.test('a program may raise its stack to 8 MiB, and no further', async (t) => {
      t.match(await account.sh([], 'ulimit -s 8192 && ulimit -s'), { code: 0, stdout: '8192\n' })
      t.notMatch(await account.sh([], 'ulimit -s 8193'), { code: 0 })
    })
  })
}
