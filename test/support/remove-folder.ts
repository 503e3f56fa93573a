import { rmSync } from 'node:fs'

/** With all in it, also while something that has yet to end (the clean-up of a container engine) writes there for a moment. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}
