/** A whole machine in software, never KVM: Debian's cloud kernel, its root the host's by virtiofs. */
import type { ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { unpackPackages } from './apt.ts'
import type { Cache } from './cache.ts'
import { busyboxOf, runIn } from './debian-tree.ts'
import { makeInitramfs } from './initramfs.ts'
import type { Kernel } from './kernels.ts'
import { type BootRequest, guestInit, type Machine } from './machine.ts'

const tools = { release: 'trixie', packages: ['qemu-system-x86', 'virtiofsd', 'busybox-static'] } as const

export async function prepareQemu({ name, release }: Kernel, cache: Cache): Promise<Machine> {
  const tree = await cache.folderFor('qemu', (into) => unpackPackages(tools.release, tools, into, cache.folder))
  const wanted = { packages: ['linux-image-cloud-amd64'], only: /^linux-(image|binary|modules)-\d/ }
  const kernel = await cache.folderFor(name, (into) => unpackPackages(release, wanted, into, cache.folder))
  return { busybox: busyboxOf(tree), boot: (request) => boot(tree, kernel, request) }
}

async function boot(tree: string, kernel: string, request: BootRequest): Promise<ChildProcess> {
  const initramfs = join(request.folder, 'initramfs')
  await writeFile(initramfs, await makeInitramfs(kernel, busyboxOf(tree)))
  const socket = join(request.folder, 'virtiofs')
  await startShare(tree, socket, request)
  const [command, ...args] = runIn(tree, 'usr/bin/qemu-system-x86_64')
  const machine = [...machineArguments(tree, request.memoryMb), ...shareArguments(socket, request.memoryMb)]
  const system = ['-kernel', imageOf(kernel), '-initrd', initramfs, '-append', kernelArguments(request)]
  return request.start(command, [...args, ...machine, ...system])
}

/** Resolves when it listens. The machine can read what this user can, and write nothing. */
function startShare(tree: string, socket: string, { start }: BootRequest): Promise<void> {
  const [command, ...args] = runIn(tree, 'usr/libexec/virtiofsd')
  const share = start(command, [...args, ...words`--shared-dir / --readonly --sandbox none --socket-path`, socket])
  return new Promise((resolve, reject) => {
    share.once('close', () => reject(new Error('virtiofsd ended before it listened')))
    share.stderr?.on('data', (said) => {
      if (String(said).includes('Waiting for vhost-user socket connection')) resolve()
    })
  })
}

function machineArguments(tree: string, memoryMb: number): string[] {
  const firmware = ['qemu', 'seabios'].flatMap((folder) => ['-L', join(tree, 'usr/share', folder)])
  // Without cmpxchg16b, which QEMU 7.2 executes wrongly in the kernel's allocator.
  const processor = words`-M q35 -accel tcg -cpu max,-cx16`
  const devices = words`-nodefaults -no-user-config -display none -no-reboot -serial stdio -nic none`
  return [...processor, ...devices, ...firmware, '-m', `${memoryMb}M`]
}

function shareArguments(socket: string, memoryMb: number): string[] {
  return [
    ...['-object', `memory-backend-memfd,id=memory,size=${memoryMb}M,share=on`, '-numa', 'node,memdev=memory'],
    ...['-chardev', `socket,id=share,path=${socket}`, '-device', 'vhost-user-fs-pci,chardev=share,tag=host'],
  ]
}

function words(text: TemplateStringsArray): string[] {
  return text.join('').split(' ')
}

/** In /boot, or beside the modules in newer releases. */
function imageOf(kernel: string): string {
  const files = readdirSync(kernel, { recursive: true, encoding: 'utf8' })
  const image = files.find((file) => basename(file).startsWith('vmlinuz'))
  if (image === undefined) throw new Error(`there is no kernel in ${kernel}`)
  return join(kernel, image)
}

function kernelArguments({ jobFile }: BootRequest): string {
  return `console=ttyS0 quiet loglevel=0 panic=-1 mcpo_init=${guestInit} mcpo_job=${jobFile}`
}
