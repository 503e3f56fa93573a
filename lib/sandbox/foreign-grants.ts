/** What a server runs must not be what another server may write: it would run its code with this server's rights. */
import { McpoError } from '../errors.ts'
import type { ResolvedProgram } from '../policy/layout.ts'
import { isInside } from '../policy/paths.ts'
import { canonical } from './canonical.ts'

/** A folder that a server of the configuration may write. */
export interface WritableGrant {
  readonly server: string
  readonly path: string
}

/** Throws CONFIG_ERROR for a program, or code shown for it, in a folder that `grants` opens to another server. */
export async function demandOwnProgram(
  program: ResolvedProgram,
  server: string,
  grants: readonly WritableGrant[],
): Promise<void> {
  const shown = await Promise.all([program.executable, ...program.mounts].map(canonical))
  const others = grants.filter((grant) => grant.server !== server)
  for (const grant of others) {
    const folder = (await canonical(grant.path)).path
    const reached = shown.find(({ path, links }) => [path, ...links].some((each) => isInside(each, folder)))
    if (reached !== undefined) throw refusal(server, reached.path, grant)
  }
}

function refusal(server: string, path: string, grant: WritableGrant): McpoError {
  return new McpoError(
    'CONFIG_ERROR',
    `cannot start ${server}: its program ${path} lies in ${grant.path}, which the server ${grant.server} may write`,
    {
      hint: `install the program elsewhere, or grant ${grant.server} ":ro" or a narrower folder`,
      data: { path, server: grant.server },
    },
  )
}
