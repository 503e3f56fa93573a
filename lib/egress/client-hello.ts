/** The server name in the first bytes of a TLS connection (RFC 8446 §4.1.2, RFC 6066 §3). Reads no more than it must, and strictly. */
import { Buffer } from 'node:buffer'

export type Hello =
  /** So many bytes in all are needed to tell more: reading before is in vain. */
  | { readonly kind: 'incomplete'; readonly needs: number }
  | { readonly kind: 'other' }
  | { readonly kind: 'tls'; readonly serverName: string | null }
  /** It begins like TLS and is none that one could read in one way only. */
  | { readonly kind: 'malformed' }

const malformed: Hello = { kind: 'malformed' }
const handshakeRecord = 22
const clientHello = 1
const serverNameExtension = 0
/** Real ones have two or three. */
const maxHelloBytes = 16 * 1024
/** Real ones have one, or two. Whoever sends them one by one has those before read again. */
const maxRecords = 256

/** `bytes`: all that came so far. */
export function readHello(bytes: Buffer): Hello {
  if (bytes.length === 0) return incomplete(1)
  if (bytes[0] !== handshakeRecord) return { kind: 'other' }
  if (bytes.length < 2) return incomplete(2)
  if (bytes[1] !== 3) return { kind: 'other' }
  if (bytes.length > maxHelloBytes) return malformed
  const message = handshakeOf(bytes)
  if (!Buffer.isBuffer(message)) return message
  try {
    return { kind: 'tls', serverName: serverNameIn(new Reader(message)) }
  } catch {
    return malformed
  }
}

/** The body of the first handshake message, which may be spread over records: each is looked at once, and joined when all are there. */
function handshakeOf(bytes: Buffer): Buffer | Hello {
  const head: number[] = []
  const parts: Buffer[] = []
  let length = 0
  for (let at = 0; ; ) {
    if (parts.length === maxRecords) return malformed
    if (bytes.length < at + 5) return incomplete(at + 5)
    const size = bytes.readUInt16BE(at + 3)
    if (bytes[at] !== handshakeRecord || bytes[at + 1] !== 3 || size === 0) return malformed
    if (at + 5 + size > maxHelloBytes) return malformed
    const part = bytes.subarray(at + 5, at + 5 + size)
    for (let index = 0; head.length < 4 && index < part.length; index++) head.push(part[index] ?? 0)
    // Whether it is one shows in its first byte.
    if (head.length > 0 && head[0] !== clientHello) return malformed
    if (part.length < size) return incomplete(head.length === 0 ? at + 6 : at + 5 + size)
    parts.push(part)
    length += size
    at += 5 + size
    if (length < 4) continue
    const [, high = 0, middle = 0, low = 0] = head
    const end = 4 + ((high << 16) | (middle << 8) | low)
    if (end > maxHelloBytes) return malformed
    if (length >= end) return Buffer.concat(parts).subarray(4, end)
  }
}

function incomplete(needs: number): Hello {
  return { kind: 'incomplete', needs }
}

function serverNameIn(hello: Reader): string | null {
  hello.skip(2 + 32)
  hello.block(1)
  hello.block(2)
  hello.block(1)
  if (hello.isAtEnd()) return null
  const extensions = hello.block(2)
  if (!hello.isAtEnd()) throw new RangeError('more after the extensions')
  let name: string | null = null
  while (!extensions.isAtEnd()) {
    const type = extensions.number(2)
    const content = extensions.block(2)
    if (type !== serverNameExtension) continue
    if (name !== null) throw new RangeError('two server names')
    name = onlyName(content)
  }
  return name
}

function onlyName(content: Reader): string {
  const list = content.block(2)
  if (list.number(1) !== 0) throw new RangeError('a name that is no host')
  const name = list.block(2).text()
  if (!list.isAtEnd() || !content.isAtEnd()) throw new RangeError('more than one name')
  return name
}

/** Throws RangeError where there is less than is asked for. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  skip(count: number): void {
    this.#take(count)
  }

  number(bytes: number): number {
    return this.#take(bytes).readUIntBE(0, bytes)
  }

  /** What follows a length of so many bytes. */
  block(lengthBytes: number): Reader {
    return new Reader(this.#take(this.number(lengthBytes)))
  }

  text(): string {
    return this.#bytes.toString('latin1')
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw new RangeError('too short')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
}
