/** A Debian for guests in which systemd is the first process: unpacked packages, of which guest/systemd/init makes a root. */
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackPackages } from './apt.ts'
import type { Cache } from './cache.ts'

const release = 'trixie'
const basics = [
  'systemd',
  'bash',
  'coreutils',
  'dash',
  'dbus-user-session',
  'grep',
  'mount',
  'sed',
  'tar',
  'util-linux',
]
/** What they only recommend, and would not start without, is among them. */
const engines = ['podman', 'crun', 'runc', 'netavark', 'uidmap', 'docker.io', 'docker-cli', 'busybox-static']
/** What the C++ of Node and of ours needs comes with systemd, but for these libraries. */
const packages = [...basics, ...engines, 'curl', 'iproute2', 'libc-bin', 'python3-minimal', 'libstdc++6']

/** Its folder. Downloads what is missing. */
export function prepareSystem(cache: Cache): Promise<string> {
  return cache.folderFor(`system-${release}-${digestOf(packages)}`, async (into) => {
    await unpackPackages(release, { packages }, into, cache.folder)
    await mkdir(join(into, 'usr/local'))
  })
}

/** Where Node is in a guest, given its system (`Job.system`). */
export function nodeIn(system: string | null): string {
  return system === null ? process.execPath : '/usr/local/bin/node'
}

/** Another list is another folder. */
function digestOf(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join()).digest('hex').slice(0, 8)
}
