import t from 'tap'
import { isTooWide, missedFolders, smallestFilesystem, smallestNetwork } from '../../../lib/policy/learned.ts'

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

t.test('a folder that was only looked at is there where something in it, or around it, is shown', async (t) => {
  const lines = ['/srv/data/a', '/srv/ref:ro']
  t.strictSame(missedFolders(['/srv', '/srv/data', '/srv/data/a', '/srv/ref/deep'], lines), [])
  t.strictSame(missedFolders(['/srv/data/b', '/opt/x/y', '/opt/x'], lines), ['/opt/x', '/srv/data/b'])
})

t.test('a home and a folder at the top are too wide, and what is in them is not', async (t) => {
  for (const line of ['/', '/srv:ro', '/root', '/home:ro', '/home/user', '/home/user:ro']) t.ok(isTooWide(line), line)
  for (const line of ['/srv/a', '/root/a:ro', '/home/user/a:ro', '/opt/home/user']) t.notOk(isTooWide(line), line)
})
