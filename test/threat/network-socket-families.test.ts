/** Kinds of sockets that are no network, but doors into the kernel. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const ways = `
AF_NETLINK, AF_ALG, AF_VSOCK, AF_KEY, AF_TIPC, AF_BLUETOOTH, AF_CAN, AF_RDS, AF_XDP, AF_SMC = 16, 38, 40, 15, 30, 31, 29, 21, 44, 43
families = {'alg': AF_ALG, 'vsock': AF_VSOCK, 'key': AF_KEY, 'tipc': AF_TIPC, 'bluetooth': AF_BLUETOOTH, 'can': AF_CAN, 'rds': AF_RDS, 'xdp': AF_XDP, 'smc': AF_SMC}
def make(family, kind, protocol=0):
    os.close(call('socket', family, kind, protocol))
for name, family in families.items():
    for kind in (1, 2, 3, 5):
        act(f'{name} {kind}', lambda: make(family, kind))
for protocol in range(1, 23):
    act(f'netlink {protocol}', lambda: make(AF_NETLINK, 3, protocol))
act('mptcp', lambda: make(2, 1, 262))
act('sctp', lambda: make(2, 1, 132))
act('udplite', lambda: make(2, 2, 136))
act('vsock pair', lambda: call('socketpair', AF_VSOCK, 1, 0, bytes(8)))
tell('interfaces', len(socket.if_nameindex()))
act('ok netlink route', lambda: make(AF_NETLINK, 3, 0))
act('ok tcp', lambda: make(2, 1, 6))
act('ok udp v6', lambda: make(10, 2, 17))
act('ok unix', lambda: make(1, 2))
`

for (const network of [false, 'host'] as const) {
  await enforceable(
    t,
    `only internet, Unix and routing sockets can be made, network = ${JSON.stringify(network)}`,
    async (t) => {
      const found = Object.entries(await attack(ways, { network }))
      const allowed = found.filter(([act]) => act.startsWith('ok '))
      t.equal(allowed.length, 4)
      for (const [act, outcome] of allowed) t.equal(outcome, 'allowed', act)
      const refused = found.filter(([act]) => !act.startsWith('ok ') && act !== 'interfaces')
      t.equal(refused.length, 9 * 4 + 22 + 4)
      for (const [act, outcome] of refused) t.match(outcome, /^E(PERM|ACCES|AFNOSUPPORT)$/, act)
    },
  )
}
