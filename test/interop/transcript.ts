/** What came of each step, without what differs from one run to the next. */
import type { Naming } from './players.ts'
import { type Player, type Step, scripts } from './scripts.ts'
import type { InteropServer } from './servers.ts'

const stepTimeoutMs = 60_000

export type Transcript = ReadonlyMap<string, unknown>

type Played = Pick<InteropServer, 'script' | 'name'>

export async function play({ script, name }: Played, player: Player, naming: Naming): Promise<Transcript> {
  const transcript = new Map<string, unknown>()
  const steps: readonly Step[] = scripts[script]
  for (const { label, needs, run } of steps) {
    if (needs === 'session' && player.peer.era === 'modern') continue
    if (needs === 'own copy' && (name === 'as-modern' || player.peer.era === 'modern')) continue
    transcript.set(label, plain(await outcome(inTime(run(player))), player.id, naming))
  }
  return transcript
}

async function outcome(run: Promise<unknown>): Promise<unknown> {
  try {
    return await run
  } catch (thrown) {
    const { code, message, data } = thrown as { code?: unknown; message?: unknown; data?: unknown }
    return { thrown: { code, message, data } }
  }
}

async function inTime(run: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${stepTimeoutMs / 1000} s`)), stepTimeoutMs)
  })
  return Promise.race([run, late]).finally(() => clearTimeout(timer))
}

/** The eras tell these about results; they are compared by the conformance suite. */
const ofTheEra = new Set(['_meta', 'resultType', 'ttlMs', 'cacheScope'])
const time = /\d{1,2}:\d{2}:\d{2}(?: [AP]M)?/g
const session = /(for session )\S+/g

/** As JSON: without times and ids, and with the server's own names. */
export function plain(value: unknown, id: string, { own }: Pick<Naming, 'own'>): unknown {
  if (typeof value === 'string')
    return own(value).replaceAll(id, 'CLIENT').replace(time, 'TIME').replace(session, '$1ID')
  if (Array.isArray(value)) return value.map((item) => plain(item, id, { own }))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key, member]) => !ofTheEra.has(key) && member !== undefined)
  return Object.fromEntries(members.map(([key, member]) => [key, plain(readable(key, member), id, { own })]))
}

/** Some of the binary contents have a time in them. */
function readable(key: string, member: unknown): unknown {
  return key === 'blob' && typeof member === 'string' ? Buffer.from(member, 'base64').toString('latin1') : member
}

/** The same without these members, however deep. */
export function without(keys: ReadonlySet<string>, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => without(keys, item))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([key]) => !keys.has(key))
  return Object.fromEntries(members.map(([key, member]) => [key, without(keys, member)]))
}
