import t from 'tap'
import { parseIdMap, parseMounts, parseStatus, parseUnit, readSurroundings } from '../../../lib/sandbox/surroundings.ts'

t.test('a filter from outside and the capabilities are read from the status', async (t) => {
  const status = 'Name:\tnode\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n'
  t.same(parseStatus(status), { isFiltered: false, capabilities: 0x1ffffffffffn })
  t.match(parseStatus(status.replace('Seccomp:\t0', 'Seccomp:\t2')), { isFiltered: true })
  t.same(parseStatus(''), { isFiltered: false, capabilities: 0n })
})

t.test('the ids of a user namespace are those inside', async (t) => {
  t.same(parseIdMap('         0       1000          1\n         1     100000      65536\n'), [
    { first: 0, count: 1 },
    { first: 1, count: 65_536 },
  ])
})

t.test('what covers parts of /proc is named once', async (t) => {
  const lines = [
    '22 27 0:21 / /proc rw,relatime - proc proc rw',
    '40 22 0:21 /sys /proc/sys ro,relatime - proc proc rw',
    '41 22 0:5 /null /proc/kcore rw - devtmpfs devtmpfs rw',
    '42 22 0:5 /null /proc/kcore rw - devtmpfs devtmpfs rw',
    '43 22 0:5 / /process rw - tmpfs tmpfs rw',
  ]
  t.same(parseMounts(lines.join('\n')), { coveredProc: ['/proc/kcore', '/proc/sys'] })
})

t.test('the unit is the innermost service that somebody wrote', async (t) => {
  t.equal(parseUnit('0::/system.slice/mcpo.service\n'), 'mcpo.service')
  t.equal(parseUnit('0::/system.slice/mcpo.service/mcpo-gateway\n'), 'mcpo.service')
  t.equal(parseUnit('1:name=systemd:/system.slice/a.service\n0::/\n'), 'a.service')
  t.equal(parseUnit('0::/user.slice/user-1.slice/user@1.service/app.slice/mcpo.service\n'), 'mcpo.service')
  t.equal(parseUnit('0::/user.slice/user-1.slice/user@1.service/app.slice/run-1.scope\n'), null)
  t.equal(parseUnit('0::/\n'), null)
})

t.test('here it is read', { skip: process.platform === 'linux' ? false : 'Linux only' }, async (t) => {
  const { sysctls, ids } = await readSurroundings()
  t.type(sysctls['user.max_user_namespaces'], 'number')
  t.ok(ids.length > 0)
})
