import type { Message } from '../../../protocol/model.ts'
import { isModernVersion } from '../../../protocol/revisions/index.ts'
import type { UpstreamServer } from '../../../upstream/server.ts'
import { LegacyFace } from './legacy-face.ts'

/** Servers that refused `initialize` because of its revision, though they were not configured as modern. */
const refusing = new WeakSet<UpstreamServer>()

/** UnsupportedProtocolVersion, "method not found", and "invalid params" for want of an envelope. */
const refusals = [-32022, -32601, -32602]

/** Whether legacy clients reach this server by a face. A server of both eras is spoken to in theirs. */
export function needsFace(server: UpstreamServer): boolean {
  return isModernVersion(server.settings.protocol) || refusing.has(server)
}

/** Whether a server refused `initialize` because it speaks the new revision only. Remembered where it is beyond doubt. */
export async function refusedAsModern(server: UpstreamServer, answer: Message): Promise<boolean> {
  const code = codeOf(answer)
  if (code === null || !refusals.includes(code)) return false
  const { era } = await server.facts()
  if (era === 'modern' && code !== -32602) refusing.add(server)
  return era === 'modern'
}

/** A modern server as this principal's legacy session sees it, on the copy that the settings give it. */
export async function openFace(server: UpstreamServer, principal: string): Promise<LegacyFace> {
  const { pool, settings, scan } = server
  const facts = await server.facts()
  const isOwn = settings.sharing === 'session'
  const instance = isOwn ? await pool.start() : await pool.shared(principal)
  return new LegacyFace({ instance, facts, scan, release: async () => (isOwn ? instance.stop() : undefined) })
}

function codeOf(answer: Message): number | null {
  const span = answer.span('error')
  if (span === null || span.end - span.start > maxErrorBytes) return null
  const error = JSON.parse(answer.raw('error') ?? 'null') as { code?: unknown } | null
  return typeof error?.code === 'number' ? error.code : null
}

const maxErrorBytes = 64 * 1024
