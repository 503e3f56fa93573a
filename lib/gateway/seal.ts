import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/**
 * Texts for clients to keep that nobody can read, make or change, or use where they were not given out. The key lives as long as
 * the process. The same text for the same holder is sealed alike, since clients compare what they are given (the nonce is a
 * digest of both).
 */
export class Seal {
  private readonly key = randomBytes(32)
  private readonly nonceKey = randomBytes(32)

  close(text: string, holder: readonly string[]): string {
    const binding = Buffer.from(JSON.stringify(holder))
    const nonce = this.nonceOf(text, binding)
    const cipher = createCipheriv(algorithm, this.key, nonce).setAAD(binding)
    const sealed = cipher.update(text)
    return Buffer.concat([nonce, sealed, cipher.final(), cipher.getAuthTag()]).toString('base64url')
  }

  /** Null for anything that `close` did not make for this holder. */
  open(sealed: string, holder: readonly string[]): string | null {
    const bytes = Buffer.from(sealed, 'base64url')
    // One text has one spelling: clients compare them.
    if (bytes.length < nonceBytes + tagBytes || bytes.toString('base64url') !== sealed) return null
    const decipher = createDecipheriv(algorithm, this.key, bytes.subarray(0, nonceBytes))
    decipher.setAAD(Buffer.from(JSON.stringify(holder))).setAuthTag(bytes.subarray(-tagBytes))
    try {
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]).toString()
    } catch {
      return null
    }
  }

  private nonceOf(text: string, binding: Buffer): Buffer {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(binding.length)
    const digest = createHmac('sha256', this.nonceKey).update(length).update(binding).update(text).digest()
    return digest.subarray(0, nonceBytes)
  }
}
