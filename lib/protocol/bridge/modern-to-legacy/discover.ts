import { newestModern } from '../../revisions/index.ts'
import { requiredMembers } from '../../revisions/results.ts'
import { withoutTasks } from '../../tasks.ts'
import { serverInfoKey } from './modern-answer.ts'

/** Capabilities that a modern client knows. What has the same name means the same in earlier revisions. */
const known = Object.keys(newestModern.server.capabilities)

/** What an earlier server said of itself, as `server/discover` tells it. It may say something else next time. */
export function discoverResult(
  facts: {
    readonly capabilities: Readonly<Record<string, unknown>>
    readonly instructions: string | null
    readonly serverInfo: object | null
  },
  supportedVersions: readonly string[],
): object {
  const offered = withoutTasks(facts.capabilities)
  const capabilities = known.filter((name) => offered[name] !== undefined)
  return {
    ...requiredMembers(newestModern, 'server/discover'),
    supportedVersions,
    capabilities: Object.fromEntries(capabilities.map((name) => [name, offered[name]])),
    ...(facts.instructions === null ? {} : { instructions: facts.instructions }),
    ...(facts.serverInfo === null ? {} : { _meta: { [serverInfoKey]: facts.serverInfo } }),
  }
}
