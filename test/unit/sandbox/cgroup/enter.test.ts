import t from 'tap'
import { enterCgroups } from '../../../../lib/sandbox/cgroup/enter.ts'
import { type FakeOptions, FakeTree } from './fake-tree.ts'

const user = { uid: 1000, pid: 100, hasSystemd: true }
const root = { ...user, uid: 0 }
const scope = '/user.slice/run-1.scope'
const three = 'cpu memory pids'

/** We are in `scope` with others. */
function tree(options: FakeOptions = {}, mark = { isMarked: true }, others: readonly number[] = [7]): FakeTree {
  const made = new FakeTree(options)
  made.add('/user.slice')
  made.add(scope, [made.self, ...others], mark)
  return made
}

function below(made: FakeTree, folder: string): string[] {
  return made.picture.filter((line) => line.startsWith(folder)).map((line) => line.slice(folder.length))
}

t.test('what systemd delegated is made ready, and taken back as it was', async (t) => {
  for (const asker of [user, root]) {
    const made = tree()
    const before = made.picture
    const { facts, subtree } = await enterCgroups(asker, made)
    t.same(facts, { controllers: ['cpu', 'memory', 'pids'].sort(byOurOrder), lack: null })
    t.same(below(made, scope), [` |  | ${three}`, `/mcpo |  | ${three}`, '/mcpo-gateway | 100,7 | '])
    await subtree?.leave()
    t.same(made.picture, before)
  }
})

t.test('what is not delegated to root is not touched', async (t) => {
  const made = tree({}, { isMarked: false }, [])
  const before = made.picture
  t.match(await enterCgroups(root, made), {
    facts: { controllers: [], lack: { reason: 'not-delegated', detail: `/sys/fs/cgroup${scope}` } },
    subtree: null,
  })
  t.same(made.picture, before)
  t.same(made.acts, [])
})

t.test('an ordinary user whose mark cannot be seen has the group to himself, or nothing is touched', async (t) => {
  const alone = tree({}, { isMarked: false }, [])
  t.match((await enterCgroups(user, alone)).facts, { lack: null })
  const shared = tree({}, { isMarked: false }, [7])
  t.match((await enterCgroups(user, shared)).facts, { lack: { reason: 'occupied' } })
  t.same(shared.acts, [])
})

t.test('a group that the user may not write is not delegated to him', async (t) => {
  const made = new FakeTree()
  made.add('/user.slice')
  made.add(scope, [made.self], { isMarked: false, isWritable: false })
  for (const hasSystemd of [true, false])
    t.match((await enterCgroups({ ...user, hasSystemd }, made)).facts, { lack: { reason: 'not-delegated' } })
  t.same(made.acts, [])
})

t.test('root without systemd gets a folder of its own at the top, and what runs there stays', async (t) => {
  const made = new FakeTree()
  made.add('/', [1, made.self])
  const before = made.picture
  const { facts, subtree } = await enterCgroups({ ...root, hasSystemd: false }, made)
  t.equal(facts.lack, null)
  t.same(made.picture, [`/ | 1,100 | ${three}`, `/mcpo |  | ${three}`])
  await subtree?.leave()
  t.same(
    made.picture.map((line) => line.split(' | ').slice(0, 2)),
    before.map((line) => line.split(' | ').slice(0, 2)),
  )
})

t.test('a container, or a service without systemd, uses its own group', async (t) => {
  const made = tree({}, { isMarked: false })
  const { facts } = await enterCgroups({ ...root, hasSystemd: false }, made)
  t.equal(facts.lack, null)
  t.match(below(made, scope), [/ \| {2}\| cpu/, /^\/mcpo /, /^\/mcpo-gateway \| 100,7/])
})

t.test('a service that starts one below what is delegated uses the group above it', async (t) => {
  const made = new FakeTree()
  made.add('/mcpo.service', [], { isMarked: true })
  made.add('/mcpo.service/main', [made.self])
  t.equal((await enterCgroups(root, made)).facts.lack, null)
  t.match(below(made, '/mcpo.service'), [/ /, /^\/main \| 100 \| $/, /^\/mcpo \|/])
})

t.test('but never the manager of units above a unit', async (t) => {
  const made = new FakeTree()
  made.add('/user@1000.service', [], { isMarked: true })
  made.add('/user@1000.service/other.service', [made.self, 7])
  t.match((await enterCgroups(user, made)).facts, { lack: { reason: 'occupied' } })
  t.same(made.acts, [])
})

t.test('whom an mcpo before us moved finds the same group again', async (t) => {
  const made = tree()
  await enterCgroups(user, made)
  const { facts } = await enterCgroups(user, made)
  t.equal(facts.lack, null)
  t.same(below(made, scope), [` |  | ${three}`, `/mcpo |  | ${three}`, '/mcpo-gateway | 100,7 | '])
})

t.test('what cannot be used changes nothing, and says why', async (t) => {
  const cases: readonly (readonly [FakeOptions, string])[] = [
    [{ offered: ['hugetlb'] }, 'no-controllers'],
    [{ isReadOnly: true }, 'read-only'],
  ]
  for (const [options, reason] of cases) {
    const made = tree(options)
    t.match(await enterCgroups(user, made), { facts: { controllers: [], lack: { reason } }, subtree: null })
    t.same(made.acts, [], reason)
  }
})

t.test('a controller that is not delegated is missing, the others hold', async (t) => {
  t.match((await enterCgroups(user, tree({ offered: ['memory', 'pids'] }))).facts, {
    controllers: ['memory', 'pids'],
    lack: { reason: 'missing', detail: 'cpu' },
  })
})

t.test('memory is not bounded where swap is used and not counted', async (t) => {
  const inUse = { hasSwapFiles: false, swaps: 'Filename Type\n/swapfile file\n' }
  t.match((await enterCgroups(user, tree(inUse))).facts, { lack: { reason: 'missing', detail: 'memory' } })
  t.equal((await enterCgroups(user, tree({ hasSwapFiles: false }))).facts.lack, null)
})

t.test('groups of a gateway that is gone are ended and removed, those of one that lives are not', async (t) => {
  const made = tree()
  const other = await enterCgroups(user, made)
  made.add(`${scope}/mcpo/stale-1`, [41])
  made.add(`${scope}/mcpo/live-2`, [42])
  made.lock(`/sys/fs/cgroup${scope}/mcpo/live-2`, 'exclusive')
  const ours = await enterCgroups(user, made)
  t.match(made.picture.join('\n'), /mcpo\/live-2 \| 42/)
  t.notMatch(made.picture.join('\n'), /stale-1/)
  await ours.subtree?.leave()
  await other.subtree?.leave()
  t.match(made.picture.join('\n'), /mcpo\/live-2 \| 42/, 'nor when we end')
})

t.test('the first gateway that ends leaves the second one everything', async (t) => {
  const made = tree()
  const before = made.picture
  const [first, second] = [await enterCgroups(user, made), await enterCgroups(user, made)]
  await first.subtree?.leave()
  t.match(below(made, scope), [/ /, /^\/mcpo \|/, /^\/mcpo-gateway \| 100,7/])
  await second.subtree?.leave()
  t.same(made.picture, before)
})

t.test('somebody else’s groups beside ours stay as they are', async (t) => {
  const made = tree()
  const { subtree } = await enterCgroups(user, made)
  made.add(`${scope}/theirs`, [55])
  await subtree?.leave()
  t.match(below(made, scope), [` |  | `, '/mcpo-gateway | 100,7 | ', '/theirs | 55 | '])
})

function byOurOrder(a: string, b: string): number {
  const order = ['memory', 'cpu', 'pids']
  return order.indexOf(a) - order.indexOf(b)
}
