/** memory.high as a tripwire: what trips it, when it is lifted, and when it is laid again. */
import { EventEmitter, once } from 'node:events'
import t, { type Test } from 'tap'
import type { Limits } from '../../../../lib/policy/model.ts'
import { watchNearLimit } from '../../../../lib/sandbox/cgroup/near-limit.ts'
import type { LimitNear } from '../../../../lib/sandbox/model.ts'
import { FakeTree } from './fake-tree.ts'

const MiB = 1024 * 1024
const limits: Limits = {
  memoryMb: { value: 100, written: true },
  cpuPercent: { value: 25, written: true },
  pids: { value: 32, written: true },
}
const wire = String(90 * MiB)
const path = '/a/server'
const folder = `/sys/fs/cgroup${path}`

/** A watched group whose memory and pauses are the test's to decide. */
class Watched {
  readonly tree = new FakeTree()
  readonly told: LimitNear[] = []
  readonly ended: Promise<void>
  readonly #events = new EventEmitter()
  readonly #ending = new AbortController()
  #trips = 0

  constructor(t: Test, before = (_watched: Watched): void => {}) {
    this.tree.add('/a')
    this.tree.add(path)
    this.tree.tell(path, 'memory.high', wire)
    before(this)
    this.ended = watchNearLimit({
      folder,
      limits,
      files: this.tree,
      onNear: (near) => {
        this.told.push(near)
        this.#events.emit('near')
      },
      signal: this.#ending.signal,
      pause: async (ms, signal) => {
        queueMicrotask(() => this.#events.emit('paused', ms))
        await once(this.#events, 'go on', { signal })
      },
    })
    t.teardown(() => this.end())
  }

  get high(): string | undefined {
    return this.tree.settingsOf(folder)['memory.high']
  }

  /** Of `usedMb` in all, `cachedMb` are of files and `tmpfsMb` of a tmpfs. */
  use(usedMb: number, { cachedMb = 0, tmpfsMb = 0 } = {}): void {
    this.tree.tell(path, 'memory.current', `${usedMb * MiB}\n`)
    const stat = `anon 1\nfile ${(cachedMb + tmpfsMb) * MiB}\nshmem ${tmpfsMb * MiB}\nslab_reclaimable ${MiB}\n`
    this.tree.tell(path, 'memory.stat', stat)
  }

  trip(): void {
    this.#trips += 1
    this.tree.tell(path, 'memory.events', `low 0\nhigh ${this.#trips}\nmax 0\noom 0\noom_kill 0\n`)
  }

  /** The pause that comes next, in ms. */
  async paused(): Promise<number> {
    const [ms] = await once(this.#events, 'paused')
    return ms
  }

  goOn(): Promise<number> {
    const next = this.paused()
    this.#events.emit('go on')
    return next
  }

  async near(): Promise<void> {
    await once(this.#events, 'near')
  }

  async end(): Promise<void> {
    this.#ending.abort()
    await this.ended
  }
}

t.test('held memory at the wire is told once, and lifts it', async (t) => {
  const watched = new Watched(t)
  watched.use(92, { cachedMb: 1 })
  const paused = watched.paused()
  watched.trip()
  watched.trip()
  t.equal(await paused, 30_000)
  t.same(watched.told, [{ limit: 'max_memory_mb', value: 100, usedBytes: 90 * MiB }])
  t.equal(watched.high, 'max')
  t.equal(await watched.goOn(), 30_000, 'it stays so while the memory is held')
  t.equal(watched.high, 'max')
  t.equal(watched.told.length, 1)
})

t.test('memory that was given back and taken again is told again', async (t) => {
  const watched = new Watched(t)
  watched.use(95)
  const paused = watched.paused()
  watched.trip()
  await paused
  watched.use(50)
  const near = watched.near()
  const relaid = watched.goOn()
  while (watched.high === 'max') await new Promise(setImmediate)
  t.equal(watched.high, wire)
  watched.use(91)
  watched.trip()
  await near
  await relaid
  t.equal(watched.told.length, 2)
})

t.test('what is only cached is no news, and is looked at once a second at most', async (t) => {
  const watched = new Watched(t)
  watched.use(90, { cachedMb: 40 })
  const paused = watched.paused()
  watched.trip()
  t.equal(await paused, 1000)
  watched.trip()
  t.equal(await watched.goOn(), 1000, 'the trips of the pause count')
  t.same([watched.told, watched.high], [[], wire])
})

t.test('pages of a tmpfs are held, not cached', async (t) => {
  const watched = new Watched(t)
  watched.use(90, { tmpfsMb: 80 })
  const near = watched.near()
  watched.trip()
  await near
  t.match(watched.told, [{ usedBytes: 89 * MiB }])
})

t.test('a wire that was tripped before anybody watched is seen', async (t) => {
  const watched = new Watched(t, (unwatched) => {
    unwatched.use(95)
    unwatched.trip()
  })
  await watched.near()
  t.equal(watched.told.length, 1)
})

t.test('the end of the server ends the watch, whatever it waits for', async (t) => {
  const waiting = new Watched(t)
  await waiting.end()
  t.notOk(waiting.tree.isWatched)

  const pausing = new Watched(t)
  pausing.use(95)
  const paused = pausing.paused()
  pausing.trip()
  await paused
  await pausing.end()
  t.notOk(pausing.tree.isWatched)
})

t.test('a group that is gone ends the watch', async (t) => {
  const watched = new Watched(t)
  watched.trip()
  await watched.ended
  t.same(watched.told, [])
  t.notOk(watched.tree.isWatched)
})
