/** The first root of a virtual machine: busybox, the modules for virtiofs, and a script that goes on to the host's root. */
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { project } from './machine.ts'

/** In the order in which they need each other. A kernel may have any of them built in. */
const modules = [
  'virtio',
  'virtio_ring',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'fuse',
  'virtiofs',
]

interface Entry {
  readonly path: string
  readonly mode: number
  readonly content: Buffer
}

const folderMode = 0o40755
const programMode = 0o100755

/** A cpio archive in the "newc" format (Documentation/driver-api/early-userspace/buffer-format.rst of the kernel). */
export async function makeInitramfs(kernel: string, busybox: string): Promise<Buffer> {
  const folders = ['bin', 'dev', 'host', 'modules'].map((path) => ({
    path,
    mode: folderMode,
    content: Buffer.alloc(0),
  }))
  const files = modulesOf(kernel)
  const order = Buffer.from(files.map((file) => `${basename(file)}\n`).join(''))
  const program = async (path: string, source: string) => ({ path, mode: programMode, content: await readFile(source) })
  return archive([
    ...folders,
    await program('bin/busybox', busybox),
    await program('init', join(project, 'test/lab/guest/initramfs-init')),
    { path: 'modules/order', mode: programMode, content: order },
    ...(await Promise.all(files.map((file) => program(`modules/${basename(file)}`, file)))),
  ])
}

function modulesOf(kernel: string): string[] {
  const files = readdirSync(kernel, { recursive: true, encoding: 'utf8' })
  const found = modules.map((name) => files.find((file) => file.endsWith(`/${name}.ko`)))
  return found.filter((file) => file !== undefined).map((file) => join(kernel, file))
}

function archive(entries: readonly Entry[]): Buffer {
  const trailer = { path: 'TRAILER!!!', mode: 0, content: Buffer.alloc(0) }
  return Buffer.concat([...entries, trailer].flatMap(record))
}

/** Thirteen numbers of eight hexadecimal digits, the name, the content; both filled up to a multiple of four. */
function record({ path, mode, content }: Entry, index: number): Buffer[] {
  const links = 1
  const numbers = [index + 1, mode, 0, 0, links, 0, content.length, 0, 0, 0, 0, path.length + 1, 0]
  const header = `070701${numbers.map((each) => each.toString(16).padStart(8, '0')).join('')}${path}\0`
  return [filled(Buffer.from(header)), filled(content)]
}

function filled(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}
