import t from 'tap'
import { smallestFilesystem, smallestNetwork } from '../../../lib/policy/learned.ts'

const files = (folder: string, count: number): string[] => [...Array(count).keys()].map((at) => `${folder}/f${at}:ro`)

t.test('each line once, and none that another has already', async (t) => {
  t.strictSame(smallestFilesystem([]), [])
  t.strictSame(smallestFilesystem(['/srv/a:ro', '/srv/a:ro', '/srv/a/b:ro']), ['/srv/a:ro'])
  t.strictSame(smallestFilesystem(['/srv/a', '/srv/a/b:ro', '/srv/a/c', '/srv/ab:ro']), ['/srv/a', '/srv/ab:ro'])
  t.strictSame(smallestNetwork(['b:1', 'a:1', 'b:1']), ['a:1', 'b:1'])
})

t.test('many files of a folder are the folder, and many such folders the one above', async (t) => {
  t.strictSame(smallestFilesystem(files('/srv/data/a', 4)), files('/srv/data/a', 4))
  t.strictSame(smallestFilesystem(files('/srv/data/a', 5)), ['/srv/data/a:ro'])
  const deep = ['a', 'b', 'c', 'd', 'e'].flatMap((name) => files(`/srv/data/set/${name}`, 5))
  t.strictSame(smallestFilesystem(deep), ['/srv/data/set:ro'])
})

t.test('never a whole home, nor what is above it', async (t) => {
  t.strictSame(smallestFilesystem(files('/home/user', 9)), files('/home/user', 9))
  t.strictSame(smallestFilesystem(files('/srv', 9)), files('/srv', 9))
})
