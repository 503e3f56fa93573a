/** Random numbers from the kernel. Loading node:crypto for them takes longer than everything else that a start does in Node. */
import { closeSync, openSync, readSync } from 'node:fs'

/** Lower case hexadecimal, two digits for each byte. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}

/** Of all whole numbers from `first` to `last`; evenly, as far as 2⁴⁸ can be divided. */
export function randomBetween(first: number, last: number): number {
  return first + (randomBytes(6).readUIntBE(0, 6) % (last - first + 1))
}

function randomBytes(count: number): Buffer {
  const bytes = Buffer.alloc(count)
  const fd = openSync('/dev/urandom', 'r')
  try {
    if (readSync(fd, bytes) !== count) throw new Error('/dev/urandom gave too little')
    return bytes
  } finally {
    closeSync(fd)
  }
}
