import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Text is a file, `{ to }` a symbolic link, `{ run }` an executable file; names may have slashes. */
export type Tree = Readonly<Record<string, string | { readonly to: string } | { readonly run: string }>>

/** Makes a tree in a folder of its own, canonical, passable for everyone, and removes it at the end of the test. */
export function makeTree(t: { teardown(handler: () => void): void }, tree: Tree): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcpo-test-')))
  chmodSync(folder, 0o755)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(tree)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (typeof content === 'string') writeFileSync(path, content)
    else if ('to' in content) symlinkSync(content.to, path)
    else writeFileSync(path, content.run, { mode: 0o755 })
  }
  return folder
}
