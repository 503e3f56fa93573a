import { probe, scanChunk } from '../native/index.ts'
import type { ScanChunk } from '../protocol/scan.ts'

/** The native scanner. Throws a McpoError that says what to do when the addon is not built. */
export function frameScanner(): ScanChunk {
  probe()
  return scanChunk
}
