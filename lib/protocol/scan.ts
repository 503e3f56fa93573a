/**
 * Takes the bytes of `chunk` from `from` on, in one pass: splits lines, checks grammar, UTF-8 and message shape, and locates
 * the decisive fields. Appends a record for each message that ends here at `state[WRITE]` and returns how many; stops when
 * `records` cannot hold another (at least `MAX_RECORD_WORDS` must be free), with `state[POSITION]` at the first byte not
 * consumed: call again from there with the same chunk. A message may span any number of chunks; all there is to remember is
 * in `state`, so nothing has to be freed. Returns -1, having done nothing, for a chunk of 1 GiB or more or another argument that
 * is not sound. Two scanners with the same results: `scanChunkJs` here, and the native one.
 */
export type ScanChunk = (chunk: Uint8Array, from: number, state: Int32Array, records: Int32Array) => number

export type { Refusal, ScanState } from './scan/layout.ts'
export { DOCUMENT, LINES, MAX_LIMIT, MAX_RECORD_WORDS, newScanState, POSITION, WRITE } from './scan/layout.ts'
export { scanChunkJs } from './scan/machine.ts'
