/**
 * Containers of gateways that are gone. A container's name says whose it is: process, its start in clock ticks (so that a pid
 * that was given again is told apart), its pid namespace and the boot.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { containerLabel } from '../../policy/container/run.ts'
import { lookAtLink, namesIn } from '../look.ts'
import { askEngine, type Engine } from './engine.ts'
import { processStat } from './process-stat.ts'

const maxStale = 256

/** A new name for a container of this gateway. */
export function containerName(server: string): string {
  return `mcpo-${server}-${process.pid}-${processStat(process.pid)?.start}-${placeOfPids()}-${randomBytes(4).toString('hex')}`
}

/** Removes what gateways of this boot and pid namespace left that run no more. Never rejects: the next start tries again. */
export async function removeStale(engine: Engine): Promise<void> {
  const listed = await askEngine(engine, [
    ...['ps', '--all', `--filter=label=${containerLabel}`, '--format={{.Names}}'],
  ]).catch(() => '')
  const stale = listed.split('\n').filter(isStale).slice(0, maxStale)
  if (stale.length > 0) await askEngine(engine, ['rm', '--force', ...stale]).catch(() => '')
  const folders = (await namesIn(tmpdir())).filter(isStale).map((name) => join(tmpdir(), name))
  for (const folder of folders.slice(0, maxStale)) await removeOwn(folder)
}

/** With the variables that its keeper could not remove. */
async function removeOwn(folder: string): Promise<void> {
  const stats = await lookAtLink(folder)
  if (stats?.isDirectory() === true && stats.uid === process.getuid?.())
    await rm(folder, { recursive: true }).catch(() => {})
}

/** Whose gateway cannot be seen from here is nobody's to remove. */
export function isStale(name: string): boolean {
  const [, pid, start, place] = /^mcpo-.+-(\d+)-(\d+)-(\d+-[0-9a-f]{8})-[0-9a-f]{8}(?:-net)?$/.exec(name) ?? []
  return place === placeOfPids() && start !== processStat(Number(pid))?.start
}

function placeOfPids(): string {
  const namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')
  return `${namespace}-${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8)}`
}
