import t from 'tap'
import { foldersBetween, isBelow, isInside, parentsFirst } from '../../../lib/policy/paths.ts'

t.test('a path is inside itself and what is above it, and not inside a longer name', async (t) => {
  t.ok(isInside('/a/b', '/a/b'))
  t.ok(isInside('/a/b', '/a'))
  t.ok(isInside('/a', '/'))
  t.notOk(isInside('/ab', '/a'))
  t.notOk(isInside('/a', '/a/b'))
})

t.test('a path is not below itself', async (t) => {
  t.notOk(isBelow('/a', '/a'))
  t.notOk(isBelow('/', '/'))
  t.ok(isBelow('/a/b/c', '/a'))
})

t.test('the folders between two paths come outermost first, without the two', async (t) => {
  t.same(foldersBetween('/', '/a/b/c'), ['/a', '/a/b'])
  t.same(foldersBetween('/a', '/a/b/c/d'), ['/a/b', '/a/b/c'])
  t.same(foldersBetween('/a', '/a/b'), [])
  t.same(foldersBetween('/x', '/a/b'), [])
})

t.test('parents sort before what is in them, whatever the names', async (t) => {
  t.same(['/b/a', '/z', '/b', '/', '/b/a/a'].sort(parentsFirst), ['/', '/b', '/z', '/b/a', '/b/a/a'])
})
