// Checks (or with --write applies) clang-format over our own C and C++.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'

const { clangFormatPath } = createRequire(import.meta.url)('clang-format-node')
const files = execFileSync('git', ['ls-files', '*.cc', '*.h', '*.c'], { encoding: 'utf8' }).split('\n').filter(Boolean)
const mode = process.argv.includes('--write') ? ['-i'] : ['--dry-run', '--Werror']
try {
  if (files.length > 0) execFileSync(clangFormatPath, [...mode, ...files], { stdio: 'inherit' })
} catch {
  console.error('native/format: run `npm run format`')
  process.exit(1)
}
