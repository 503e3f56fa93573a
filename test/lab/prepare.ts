/** From a kernel's name to a machine that can boot it. */
import type { Cache } from './cache.ts'
import type { Kernel } from './kernels.ts'
import type { Machine } from './machine.ts'
import { prepareQemu } from './qemu.ts'
import { prepareUml } from './uml.ts'

/** Downloads what is missing. Throws where it could never run. */
export async function prepare(kernel: Kernel, cache: Cache): Promise<Machine> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the lab runs on Linux on x86-64 only, not on ${process.platform} ${process.arch}`)
  }
  return kernel.machine === 'uml' ? prepareUml(kernel, cache) : prepareQemu(kernel, cache)
}
