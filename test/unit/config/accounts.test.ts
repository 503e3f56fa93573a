import t from 'tap'
import { isPrivateGroup, parseAccounts, readAccounts } from '../../../lib/config/accounts.ts'

const accounts = parseAccounts(
  [
    'root:x:0:0:root:/root:/bin/sh',
    'ann:x:1000:1000::/home/ann:/bin/sh',
    'bob:x:1001:100::/home/bob:/bin/sh',
    'cat:x:1002:100::/:',
    'dan:x:1003:1003::/:',
    '',
  ],
  ['root:x:0:', 'ann:x:1000:', 'users:x:100:', 'dan:x:1003:dan,ann', 'devs:x:2000:ann', 'team:x:3000:', ''],
)

const cases: [what: string, gid: number, owner: number, isPrivate: boolean][] = [
  ['a user in the group of his own', 1000, 1000, true],
  ['root in its own', 0, 0, true],
  ['a primary group that another user has too', 100, 1001, false],
  ['a primary group with another member', 1003, 1003, false],
  ['a group that is not the primary one', 2000, 1000, false],
  ['a user in the group of another', 1000, 1001, false],
  ['a user of no account file in the group of his number', 5000, 5000, true],
  ['a user of no account file in a group of another number', 5001, 5000, false],
  ['a user of no account file in a group that somebody has', 100, 100, false],
]

for (const [what, gid, owner, isPrivate] of cases) {
  t.test(`${what}: ${isPrivate ? 'private' : 'shared'}`, async (t) => {
    t.equal(isPrivateGroup(gid, owner, accounts), isPrivate)
  })
}

t.test('a member who is the owner himself shares with nobody', async (t) => {
  t.ok(isPrivateGroup(7, 7, parseAccounts(['eve:x:7:7::/:'], ['eve:x:7:eve'])))
})

t.test('the account files of this host are read', async (t) => {
  t.equal(readAccounts().users.get(0)?.gid, 0)
})
