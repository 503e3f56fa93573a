/** A stream of newline-ended JSON-RPC messages, as the chunks that reads would give. */
export interface Corpus {
  readonly name: string
  readonly frames: number
  readonly bytes: number
  readonly chunks: readonly Buffer[]
}

const SEED = 20_261_122

/** The same bytes in every run. All are valid JSON-RPC, so that everybody can do all of their work. */
export function makeCorpora(): Corpus[] {
  return [
    corpus('120 B frames, 64 KiB chunks', 20_000, () => 120, 65_536),
    corpus('120 B frames, one a chunk', 4000, () => 120, null),
    corpus('mixed frames around 2 KB, 64 KiB chunks', 2000, (random) => 128 + Math.floor(random() ** 2 * 6000), 65_536),
    corpus('1 MiB frames, 64 KiB chunks', 8, () => 1 << 20, 65_536),
  ]
}

function corpus(name: string, frames: number, bytesOf: (random: Random) => number, chunkBytes: number | null): Corpus {
  const random = seeded(SEED)
  const lines = Array.from({ length: frames }, (_, id) => messageLine(id, bytesOf(random), random))
  const all = Buffer.concat(lines)
  return { name, frames, bytes: all.length, chunks: chunkBytes === null ? lines : cut(all, chunkBytes) }
}

/** Requests and results in turn; of the length asked for where the outline leaves room. */
function messageLine(id: number, bytes: number, random: Random): Buffer {
  const [head, tail] =
    id % 2 === 0
      ? [`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"echo","arguments":{"text":"`, '"}}}\n']
      : [`{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"`, '"}]}}\n']
  const room = Math.max(bytes - head.length - tail.length, 1)
  return Buffer.from(head + prose(room, random) + tail)
}

const words = [
  'the',
  'gateway',
  'reads',
  'a',
  'line',
  'and',
  'hands',
  'it',
  'on',
  'unchanged',
  '\\n',
  '\\"quoted\\"',
  'caf\u00e9',
  '\u6f22\u5b57',
]

/** Text of about this many bytes, with the share of escapes and non-ASCII letters that tool results have. */
function prose(bytes: number, random: Random): string {
  const parts: string[] = []
  for (let left = bytes; left > 0; ) {
    const word = words[Math.floor(random() * (random() < 0.1 ? words.length : 10))] ?? 'x'
    parts.push(word)
    left -= Buffer.byteLength(word) + 1
  }
  return parts.join(' ')
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

type Random = () => number

/** Mulberry32: 32 bits of state, good enough to pick words. */
function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
