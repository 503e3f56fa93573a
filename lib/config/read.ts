import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { McpoError } from '../errors.ts'
import { findDistrust, isReadableByOthers, wayTo } from './ownership.ts'

export interface TrustedFile {
  readonly text: string
  readonly stats: Stats
}

/**
 * Reads a file that only its owner and root can change, UTF-8 without its mark, at most `maxBytes`. `what` names it in
 * errors, as in `the configuration file`.
 */
export async function readTrusted(file: string, what: string, maxBytes: number): Promise<TrustedFile> {
  const handle = await openFile(file, what)
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw refusal(`${what} ${file} is no regular file`)
    await ensureTrusted(file, what, stats)
    return { text: decode(await readAtMost(handle, maxBytes, file, what), file, what), stats }
  } finally {
    await handle.close()
  }
}

/** Like `readTrusted`, for what nobody else may even read. */
export async function readSecret(file: string, what: string, maxBytes: number): Promise<string> {
  const { text, stats } = await readTrusted(file, what, maxBytes)
  if (!isReadableByOthers(stats)) return text
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0')
  throw refusal(`${what} ${file} can be read by others (mode ${mode})`, `Run: chmod 600 ${file}`)
}

/** O_NONBLOCK: a named pipe must not hold the start up. */
async function openFile(file: string, what: string): Promise<FileHandle> {
  try {
    return await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') throw refusal(`${what} ${file} does not exist`, undefined, cause)
    if (code === 'EACCES') throw refusal(`${what} ${file} may not be read by this user`, undefined, cause)
    throw refusal(`${what} ${file} cannot be opened: ${code ?? String(cause)}`, undefined, cause)
  }
}

/** The way is walked after opening: what it ends at must be what was opened. */
async function ensureTrusted(file: string, what: string, opened: Stats): Promise<void> {
  const way = await wayTo(file).catch((cause) => {
    throw refusal(`${what} ${file} cannot be followed to where it is: ${String(cause)}`, undefined, cause)
  })
  const distrust = findDistrust(way)
  if (distrust !== null) throw refusal(`${what} ${file} is not trusted: ${distrust.why}`, distrust.remedy)
  const last = way.steps.at(-1)?.stats
  if (last?.ino === opened.ino && last.dev === opened.dev) return
  throw refusal(`${what} ${file} was exchanged while it was read`, 'Try again.')
}

async function readAtMost(handle: FileHandle, maxBytes: number, file: string, what: string): Promise<Buffer> {
  const buffer = Buffer.alloc(maxBytes + 1)
  let length = 0
  while (length <= maxBytes) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length)
    if (bytesRead === 0) return buffer.subarray(0, length)
    length += bytesRead
  }
  throw refusal(`${what} ${file} is larger than ${maxBytes} bytes`)
}

function decode(bytes: Buffer, file: string, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw refusal(`${what} ${file} is not UTF-8`, undefined, cause)
  }
}

function refusal(message: string, hint?: string, cause?: unknown): McpoError {
  return new McpoError('CONFIG_ERROR', message, { ...(hint === undefined ? {} : { hint }), cause })
}
