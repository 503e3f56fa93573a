import { parseMessage } from '../protocol/message.ts'
import { mayHold, type Renaming, renamingEdits } from '../protocol/renaming.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { Outgoing } from '../upstream/model.ts'
import { edited } from '../upstream/outgoing.ts'

/** A message on its way to a client, with the names that the client knows. Scanned again only when it may hold such a name. */
export function renamed(message: Outgoing, renamings: readonly Renaming[], scan: ScanChunk): Outgoing {
  const paths = renamings.flatMap(({ paths }) => paths)
  if (!mayHold(message.pieces, paths)) return message
  const parsed = parseMessage(message.pieces, scan)
  return edited(parsed, renamingEdits(parsed, renamings))
}
