/** The kernels that can be asked for, each from a Debian release's own packages. */
export interface Kernel {
  readonly name: string
  /** User Mode Linux: a process of the host, quick, without Landlock. QEMU: a whole machine in software, Debian's full kernel. */
  readonly machine: 'uml' | 'qemu'
  /** Debian's name for the release; `sid` has the newest kernel there is. */
  readonly release: 'bullseye' | 'bookworm' | 'trixie' | 'sid'
  /** What came later: mount_setattr(2) with 5.12, cgroup.kill with 5.14. */
  readonly lacks: readonly ('mount_setattr' | 'cgroup.kill')[]
  /** 0: the kernel was built without Landlock. */
  readonly landlockAbi: { readonly least: number; readonly most: number }
}

const none = { least: 0, most: 0 }

export const kernels: readonly Kernel[] = [
  { name: 'uml-5.10', machine: 'uml', release: 'bullseye', lacks: ['mount_setattr', 'cgroup.kill'], landlockAbi: none },
  { name: 'uml-6.1', machine: 'uml', release: 'bookworm', lacks: [], landlockAbi: none },
  { name: 'uml-6.12', machine: 'uml', release: 'trixie', lacks: [], landlockAbi: none },
  { name: 'qemu-6.1', machine: 'qemu', release: 'bookworm', lacks: [], landlockAbi: { least: 2, most: 2 } },
  { name: 'qemu-6.12', machine: 'qemu', release: 'trixie', lacks: [], landlockAbi: { least: 6, most: 6 } },
  { name: 'qemu-newest', machine: 'qemu', release: 'sid', lacks: [], landlockAbi: { least: 7, most: 99 } },
]

/** All of them without names. Throws on a name that there is not. */
export function chooseKernels(names: readonly string[]): readonly Kernel[] {
  const unknown = names.filter((name) => !kernels.some((kernel) => kernel.name === name))
  if (unknown.length > 0) {
    throw new Error(
      `no kernel is called ${unknown.join(', ')}; there are ${kernels.map(({ name }) => name).join(', ')}`,
    )
  }
  return names.length === 0 ? kernels : kernels.filter(({ name }) => names.includes(name))
}

/** Inside a guest, the kernel that it runs. */
export function kernelAtHand(): Kernel {
  const [kernel] = chooseKernels([process.env['MCPO_LAB_KERNEL'] ?? 'none'])
  if (kernel === undefined) throw new Error('MCPO_LAB_KERNEL is not set')
  return kernel
}
