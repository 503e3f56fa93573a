import { serverInfoKey } from './modern-answer.ts'

/** Capabilities of earlier servers that mean the same to modern clients. */
const shared = ['tools', 'prompts', 'resources', 'completions', 'logging', 'experimental', 'extensions']

/** What an earlier server said of itself, as `server/discover` tells it. It may say something else next time. */
export function discoverResult(
  facts: {
    readonly capabilities: Readonly<Record<string, unknown>>
    readonly instructions: string | null
    readonly serverInfo: object | null
  },
  supportedVersions: readonly string[],
): object {
  const capabilities = shared.filter((name) => facts.capabilities[name] !== undefined)
  return {
    resultType: 'complete',
    supportedVersions,
    capabilities: Object.fromEntries(capabilities.map((name) => [name, facts.capabilities[name]])),
    ...(facts.instructions === null ? {} : { instructions: facts.instructions }),
    ttlMs: 0,
    cacheScope: 'private',
    ...(facts.serverInfo === null ? {} : { _meta: { [serverInfoKey]: facts.serverInfo } }),
  }
}
