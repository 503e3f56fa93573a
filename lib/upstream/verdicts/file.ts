import { constants } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { findDistrust, wayTo } from '../../config/ownership.ts'
import type { Era } from '../../protocol/revisions/index.ts'
import type { Log } from '../model.ts'
import type { Verdict, Verdicts } from './model.ts'
import { parseVerdicts, textOf } from './text.ts'

const fileName = 'verdicts.json'
const maxBytes = 1024 * 1024
const othersMayWrite = 0o022

/**
 * Verdicts in a file of the gateway's state folder, which nobody else may write. A file that cannot be used is no fault: a
 * warning, once, and everything is found out anew.
 */
export class VerdictFile implements Verdicts {
  private readonly folder: string
  private readonly log: Log
  private known: ReadonlyMap<string, Verdict> = new Map()
  private isUsable = true
  private last: Promise<void> = Promise.resolve()

  private constructor(folder: string, log: Log) {
    this.folder = folder
    this.log = log
  }

  /** Makes the folder (mode 0700) where it is missing. Never rejects. */
  static async open(folder: string, log: Log): Promise<VerdictFile> {
    const file = new VerdictFile(folder, log)
    await file.attempt(async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await ensureOwn(folder)
      file.known = await file.read()
    })
    return file
  }

  find(key: string): Verdict | null {
    return this.known.get(key) ?? null
  }

  note(key: string, era: Era): void {
    const verdict = { era, at: Date.now() }
    this.known = new Map([...this.known, [key, verdict]])
    this.last = this.last.then(() => this.attempt(() => this.write(key, verdict)))
  }

  /** Settles when everything noted so far is written, or cannot be. */
  written(): Promise<void> {
    return this.last
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    if (!this.isUsable) return
    try {
      await work()
    } catch (thrown) {
      this.isUsable = false
      const why = thrown instanceof Error ? thrown.message : String(thrown)
      this.log.warn({ folder: this.folder }, `what servers speak is not remembered: ${why}`)
    }
  }

  /** A file that holds something else is started anew; one that others may write is refused. */
  private async read(): Promise<ReadonlyMap<string, Verdict>> {
    const text = await readOwn(join(this.folder, fileName))
    const verdicts = text === null ? new Map<string, Verdict>() : parseVerdicts(text)
    if (verdicts === null) this.log.warn({ folder: this.folder }, `${fileName} is damaged, and is written anew`)
    return verdicts ?? new Map<string, Verdict>()
  }

  /** Another gateway may have written meanwhile: what it noted is kept. */
  private async write(key: string, verdict: Verdict): Promise<void> {
    const path = join(this.folder, fileName)
    const before = parseVerdicts((await readOwn(path)) ?? '') ?? []
    const draft = `${path}.${process.pid}`
    try {
      await writeOwn(draft, textOf(new Map([...before, [key, verdict]])))
      await rename(draft, path)
    } finally {
      await rm(draft, { force: true })
    }
  }
}

async function ensureOwn(folder: string): Promise<void> {
  const distrust = findDistrust(await wayTo(folder))
  if (distrust !== null) throw new Error(`${distrust.why}. ${distrust.remedy}`)
  const { uid, mode } = await stat(folder)
  if (uid !== process.getuid?.() || (mode & othersMayWrite) !== 0) throw notOwn(folder)
}

/** Null: it is not there. */
async function readOwn(path: string): Promise<string | null> {
  try {
    // Not blocking: somebody may have put a pipe there.
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile() || stats.uid !== process.getuid?.() || (stats.mode & othersMayWrite) !== 0) throw notOwn(path)
      if (stats.size > maxBytes) return ''
      return await handle.readFile('utf8')
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
    throw thrown
  }
}

async function writeOwn(path: string, text: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
  const handle = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function notOwn(path: string): Error {
  return new Error(`${path} is not this user's alone. Remove it, or run: chmod go-w ${path}`)
}
