/** A folder for a while, removed also when this process is told to end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** `leave` is called before the folder is removed, whatever happens. */
export async function withScratch<T>(
  prefix: { readonly parent: string; readonly name: string },
  body: (folder: string) => Promise<T>,
  leave = (): void => {},
): Promise<T> {
  const folder = mkdtempSync(join(prefix.parent, `${prefix.name}-`))
  const clean = (): void => {
    leave()
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', clean)
  try {
    return await body(folder)
  } finally {
    process.off('exit', clean)
    clean()
  }
}
