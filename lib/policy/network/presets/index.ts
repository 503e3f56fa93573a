/** Names that stand for lines of an allow-list: a file each, for whoever wants to know what they open. */
import { github } from './github.ts'
import { npm } from './npm.ts'
import { pypi } from './pypi.ts'

export const presets: Readonly<Record<string, readonly string[]>> = { github, npm, pypi }
