const slabBytes = 256 * 1024
/** Reads smaller than this cost more system calls than the memory they save. */
const minReadBytes = 16 * 1024

/**
 * Read buffers for one stream. Bytes that were handed out are never written again, so that views into them may
 * live as long as anyone needs them; a slab is given up when its rest is too small for a read.
 */
export class Slabs {
  private slab = Buffer.allocUnsafeSlow(slabBytes)
  private used = 0

  /** Room for the next read. */
  readonly next = (): Buffer => {
    if (slabBytes - this.used < minReadBytes) {
      this.slab = Buffer.allocUnsafeSlow(slabBytes)
      this.used = 0
    }
    return this.slab.subarray(this.used)
  }

  /** The first `count` bytes of the room last given were filled: they now belong to whoever holds the result. */
  take(count: number): Buffer {
    const taken = this.slab.subarray(this.used, this.used + count)
    this.used += count
    return taken
  }
}
