import t from 'tap'
import type { HostLayout } from '../../../lib/policy/layout.ts'
import type { FilesystemPolicy } from '../../../lib/policy/model.ts'
import { privateHome } from '../../../lib/policy/rootfs.ts'

const layout: HostLayout = {
  systemFolders: [],
  systemLinks: [],
  etc: [],
  resolver: [],
  grants: [],
  protected: { closed: [], folders: [], hidden: [], secret: [] },
  protectedLinks: [],
  impassable: [],
  masked: [],
  guarded: [],
  home: '/home/account',
  machineId: '',
  timezone: null,
}

function homeWith(...paths: readonly string[]): string {
  const grants = paths.map((path) => ({ path, written: path, access: 'rw' as const }))
  const filesystem: FilesystemPolicy = { kind: 'paths', grants }
  return privateHome(filesystem, { ...layout, grants }, null)
}

t.test('the private home stands where no granted folder hides it', async (t) => {
  t.equal(homeWith(), '/home/mcp')
  t.equal(homeWith('/home/account', '/srv'), '/home/mcp')
  t.equal(homeWith('/home'), '/tmp/mcp-home')
  t.equal(homeWith('/home', '/tmp'), '/run/mcp-home')
  t.equal(homeWith('/home', '/tmp', '/run'), '/var/tmp/mcp-home')
})
