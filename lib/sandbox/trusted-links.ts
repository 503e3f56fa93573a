/**
 * Who made the symbolic links on the way to a granted path. Another account of this machine that owns a folder on the way
 * could lead the grant to whatever the gateway may read or write, at any time.
 */
import { McpoError } from '../errors.ts'
import { lookAtLink } from './look.ts'

/** `links` as `canonical` gives them. Throws CONFIG_ERROR unless each is still a link, of root or of the gateway's own user. */
export async function demandTrustedLinks(links: readonly string[], written: string): Promise<void> {
  const trusted = [0, process.getuid?.()]
  for (const link of links) {
    const stats = await lookAtLink(link)
    if (stats?.isSymbolicLink() && trusted.includes(stats.uid)) continue
    const owner = stats === null ? 'somebody' : `user ${stats.uid}`
    throw new McpoError('CONFIG_ERROR', `cannot grant ${written}: ${owner} decides where the link ${link} leads`, {
      hint: 'grant the path that it leads to',
      data: { path: written, link },
    })
  }
}
