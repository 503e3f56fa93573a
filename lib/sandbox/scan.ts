/** Looks through a granted folder, breadth first, as far as a start has time for. Links are not followed. */
import type { Dirent } from 'node:fs'
import { join } from 'node:path'
import { entriesIn, lookAt } from './look.ts'

/** Below a granted folder; it is level 0 itself. */
const maxLevel = 3
const maxFolders = 512
const maxEntries = 4096

/** Holds what others wrote, in great numbers, and no work. */
const passedOver = new Set(['node_modules', '.git', '.venv', '__pycache__'])

export interface ScannedFolder {
  readonly path: string
  /** 0 for a granted folder. */
  readonly level: number
  readonly entries: readonly Dirent[]
}

export interface Scan {
  readonly folders: readonly ScannedFolder[]
  /** There were more folders, or entries in one, than are looked at. What is deeper than the scan goes does not count. */
  readonly isPartial: boolean
}

/** `root`: a canonical path; what is no folder has none to look through. */
export async function scanFolders(root: string): Promise<Scan> {
  if ((await lookAt(root))?.isDirectory() !== true) return { folders: [], isPartial: false }
  const folders: ScannedFolder[] = []
  let waiting = [{ path: root, level: 0 }]
  let isPartial = false
  while (waiting.length > 0) {
    const room = maxFolders - folders.length
    isPartial ||= waiting.length > room
    const level = await Promise.all(waiting.slice(0, Math.max(room, 0)).map(scan))
    folders.push(...level)
    isPartial ||= level.some((folder) => folder.entries.length === maxEntries)
    waiting = level.flatMap(below).filter((folder) => folder.level <= maxLevel)
  }
  return { folders, isPartial }
}

async function scan({ path, level }: { path: string; level: number }): Promise<ScannedFolder> {
  return { path, level, entries: await entriesIn(path, maxEntries) }
}

function below({ path, level, entries }: ScannedFolder): { path: string; level: number }[] {
  return entries
    .filter((entry) => entry.isDirectory() && !passedOver.has(entry.name))
    .map((entry) => ({ path: join(path, entry.name), level: level + 1 }))
}
