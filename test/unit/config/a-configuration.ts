/** A configuration file of a test, and what is said against it. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { loadConfig } from '../../../lib/config/load.ts'

/** A folder of mode 0755 with an empty configuration file of mode 0644. */
export function folderOf(t: Test): { folder: string; file: string } {
  const folder = t.testdir({ 'config.toml': '' })
  const file = join(folder, 'config.toml')
  chmodSync(folder, 0o755)
  chmodSync(file, 0o644)
  return { folder, file }
}

/** An empty message: it is read. */
export async function refusal(file: string): Promise<{ message: string; hint: string | undefined }> {
  return loadConfig(file, {}).then(
    () => ({ message: '', hint: undefined }),
    ({ message, hint }: { message: string; hint?: string }) => ({ message, hint }),
  )
}
