import type { UpstreamServer } from '../../upstream/server.ts'
import { SharedCopies } from '../../upstream/shared-copies.ts'
import { Seat } from './seat.ts'
import { SharedCopy } from './shared-copy.ts'

const copies = new WeakMap<UpstreamServer, SharedCopies<SharedCopy>>()

/** Whether legacy sessions share the copies of a server that is spoken to in their era: only where that is written. */
export function isShared({ settings }: UpstreamServer): boolean {
  return settings.sharing === 'principal' || settings.sharing === 'shared'
}

/** A place for this principal's session at the copy that the settings give it. Rejects with a McpoError. */
export async function openSeat(server: UpstreamServer, principal: string): Promise<Seat> {
  const owner = server.settings.sharing === 'shared' ? null : principal
  return new Seat(await copiesOf(server).of(owner), server.scan)
}

function copiesOf(server: UpstreamServer): SharedCopies<SharedCopy> {
  const known = copies.get(server)
  if (known !== undefined) return known
  const shared = new SharedCopies(() => SharedCopy.open(server))
  copies.set(server, shared)
  return shared
}
