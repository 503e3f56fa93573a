/** User Mode Linux: the kernel as a process. Its root is the host's, by hostfs. */
import { join } from 'node:path'
import { unpackPackages } from './apt.ts'
import type { Cache } from './cache.ts'
import { outputOf } from './command.ts'
import { busyboxOf, librariesOf, loaderOf, runIn } from './debian-tree.ts'
import type { Kernel } from './kernels.ts'
import { type BootRequest, guestInit, type Machine, project } from './machine.ts'

const packages = ['user-mode-linux', 'busybox-static', 'patchelf']
/** For processors with AMX: see test/lab/host/ptrace-xstate.c. */
const preload = `LD_PRELOAD=${join(project, 'build/test/lab/ptrace-xstate.so')}`

export async function prepareUml({ name, release }: Kernel, cache: Cache): Promise<Machine> {
  const tree = await cache.folderFor(name, (into) => unpackPackages(release, { packages }, into, cache.folder))
  return {
    busybox: busyboxOf(tree),
    boot: async (request) => {
      const kernel = await kernelFor(tree, request.folder)
      return request.start('env', [preload, kernel, ...kernelArguments(request)])
    },
  }
}

/**
 * The packaged kernel where the host's C library is new enough for it, else a copy that names its release's own libraries: it
 * executes itself again, so that the loader's options are no help. Never the copy alone: patchelf ruins the kernel of 5.10.
 */
async function kernelFor(tree: string, folder: string): Promise<string> {
  const packaged = join(tree, 'usr/bin/linux.uml')
  if (await starts(packaged)) return packaged
  const copy = join(folder, 'linux')
  const [command, ...args] = runIn(tree, 'usr/bin/patchelf')
  const changes = ['--set-interpreter', loaderOf(tree), '--set-rpath', librariesOf(tree).join(':')]
  await outputOf(command, [...args, ...changes, '--output', copy, packaged])
  return copy
}

async function starts(kernel: string): Promise<boolean> {
  return outputOf(kernel, ['--version']).then(
    () => true,
    () => false,
  )
}

function kernelArguments({ jobFile, memoryMb }: BootRequest): string[] {
  const root = ['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro']
  const console = ['con=null', 'con0=null,fd:1', 'quiet', 'loglevel=0', 'panic=-1']
  return [`mem=${memoryMb}M`, ...root, ...console, `init=${guestInit}`, `mcpo_job=${jobFile}`]
}
