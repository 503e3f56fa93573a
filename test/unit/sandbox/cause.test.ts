import t from 'tap'
import { likelyCause } from '../../../lib/sandbox/cause.ts'
import { startError } from '../../../lib/sandbox/failure.ts'

t.test('forbidden user namespaces are named as such, with what to change', async (t) => {
  const likely = likelyCause({ step: 'user-namespace', errno: 'EPERM', detail: '' })
  t.match(likely, { cause: /user namespaces/, remedy: /container/ })
})

t.test('a kernel without mount_setattr(2) is named as too old', async (t) => {
  for (const step of ['bind', 'root']) {
    const likely = likelyCause({ step, errno: 'ENOSYS', detail: '/usr' })
    t.match(likely, { cause: /mount_setattr/, remedy: 'use Linux 5.12 or later' })
  }
})

t.test('a path that cannot be covered is not put down to a security module alone', async (t) => {
  const closed = likelyCause({ step: 'mask', errno: 'EACCES', detail: '/srv/closed' })
  t.match(closed, { cause: /closed to the server's user, or a security module/, remedy: /rights of each folder/ })
  t.match(likelyCause({ step: 'mask', errno: 'EPERM', detail: '/proc/kcore' }), { cause: /give no right to mount/ })
})

t.test("a container's network that cannot be entered, and one that should not be, are told apart", async (t) => {
  t.match(likelyCause({ step: 'enter', errno: 'EPERM', detail: 'network namespace' }), { cause: /CAP_SYS_ADMIN/ })
  t.match(likelyCause({ step: 'enter', errno: 'EEXIST', detail: 'its network has a route' }), {
    remedy: /--network=none/,
  })
})

t.test('a step that nobody knows has no invented cause', async (t) => {
  t.equal(likelyCause({ step: 'unheard-of', errno: 'EXDEV', detail: '' }), null)
})

t.test('the error has step, errno, path, cause and what was written to stderr', async (t) => {
  const error = startError('files', { step: 'open', errno: 'TIMEOUT', detail: '/mnt/dead' }, 'last words')
  t.match(error, {
    code: 'SANDBOX_ERROR',
    message: /cannot start files: the step "open" \(\/mnt\/dead\) did not end in time.*Nothing was run/,
    hint: /mount/,
    data: { step: 'open', errno: 'TIMEOUT', detail: '/mnt/dead', stderr: 'last words' },
  })
})

t.test('a program that cannot be executed has the exit code that env(1) would have', async (t) => {
  t.match(startError('x', { step: 'exec', errno: 'ENOENT', detail: '' }, '').data, { exitCode: 127 })
  t.match(startError('x', { step: 'exec', errno: 'EACCES', detail: '' }, '').data, { exitCode: 126 })
  t.equal(startError('x', { step: 'bind', errno: 'ENOENT', detail: '' }, '').data?.['exitCode'], undefined)
})
