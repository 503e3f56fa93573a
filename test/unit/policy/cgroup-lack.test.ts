/** Why there is no control group, and what would help: the words of verdicts and of `mcpo doctor`. */
import t from 'tap'
import { lackInWords } from '../../../lib/policy/cgroup.ts'

const root = 0

t.test('a tree that is read-only: the directive of a unit, and the flags of containers', async (t) => {
  const { cause, remedy } = lackInWords({ reason: 'read-only', detail: '/sys/fs/cgroup' }, root)
  t.equal(cause, 'the cgroup tree is read-only here (/sys/fs/cgroup)')
  t.match(remedy, /^take ProtectControlGroups= out of the unit; .*podman: .*docker: /)
})

t.test('a start that cannot begin in its group: nobody is told to delegate what is delegated', async (t) => {
  const { remedy } = lackInWords({ reason: 'refused', detail: 'cgroup-clone: ENOSYS' }, root)
  t.match(remedy, /clone3\(2\), as RestrictNamespaces= /)
  t.match(lackInWords({ reason: 'refused', detail: 'EBUSY' }, root).remedy, /Delegate=yes/)
})
