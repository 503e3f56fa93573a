/** Mounts that pass between a sandbox and a host whose mounts are shared: what covers a name for the server would cover it for all. */
import { execFileSync } from 'node:child_process'
import { closeSync, readFileSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { findingsOf, paths, startAttack } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'
import { amongSharedMounts } from '../support/shared-mounts.ts'

amongSharedMounts(import.meta.filename)

const waiting = `
act('own file', lambda: read(f'{granted}/below/own'))
sys.stdin.read()
act('mounted by the host meanwhile', lambda: read(f'{granted}/below/secret'))
`

await enforceable(t, 'no mount passes from the sandbox to the host, or back', async (t) => {
  const place = makePlace(t)
  place.file('below/own')
  const before = mounts()
  const child = await startAttack(waiting, { filesystem: paths(place.folder), given: { granted: place.folder } })
  const lines = createInterface(new Socket({ fd: child.stdio.stdout, writable: false }))[Symbol.asyncIterator]()
  t.strictSame(findingsOf((await lines.next()).value), { 'own file': 'allowed' })
  t.equal(mounts(), before, 'the host sees no mount of the running sandbox')
  mountWithSecret(`${place.folder}/below`)
  closeSync(child.stdio.stdin)
  t.strictSame(findingsOf((await lines.next()).value), { 'mounted by the host meanwhile': 'ENOENT' })
  closeSync(child.stdio.stderr)
  await child.exited
  execFileSync('umount', [`${place.folder}/below`])
  t.equal(mounts(), before, 'and none of one that has ended')
})

function mounts(): string {
  return readFileSync('/proc/self/mountinfo', 'utf8')
}

function mountWithSecret(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder])
  writeFileSync(`${folder}/secret`, 'of the host')
}
