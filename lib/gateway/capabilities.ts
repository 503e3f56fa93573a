import type { ListKey } from '../protocol/lists.ts'
import { isRecord } from '../protocol/records.ts'
import type { Revision } from '../protocol/revisions/index.ts'
import { tasksExtension } from '../protocol/tasks.ts'
import type { KnownServer } from '../upstream/upstreams.ts'
import { servesOthers } from './task-names.ts'

type Era = Revision['era']

/** What the aggregate can pass on, with the flags that count. */
const passedOn = {
  tools: ['listChanged'],
  prompts: ['listChanged'],
  resources: ['subscribe', 'listChanged'],
  logging: [],
  completions: [],
} as const

/** Extensions that need nothing of a gateway but what it does for all: others may have methods that lead nowhere here. */
const passedOnExtensions = [tasksExtension, 'io.modelcontextprotocol/ui']

/** Capabilities of the aggregate towards clients of one era: what any server has, of what can be passed on. */
export function capabilitiesOf(known: readonly KnownServer[], era: Era): Record<string, object> {
  const union: Record<string, Record<string, boolean>> = {}
  for (const { facts } of known) {
    for (const [name, flags] of Object.entries(passedOn)) {
      const offered = facts.capabilities[name]
      if (!isRecord(offered)) continue
      const merged = union[name] ?? {}
      union[name] = merged
      for (const flag of flags) if (offered[flag] === true) merged[flag] = true
    }
  }
  const extensions = extensionsOf(known, era)
  const tasks = era === 'legacy' ? tasksOf(known) : {}
  return {
    ...union,
    ...(Object.keys(tasks).length === 0 ? {} : { tasks }),
    ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
  }
}

/** May this server be asked for a list of these? */
export function offersList(one: KnownServer, key: ListKey): boolean {
  return key === 'tasks' ? listsTasks(one) : one.facts.capabilities[capabilityOfList[key]] !== undefined
}

const capabilityOfList = {
  tools: 'tools',
  prompts: 'prompts',
  resources: 'resources',
  resourceTemplates: 'resources',
} as const

/** Has it a list of tasks that is for the asking principal alone? */
function listsTasks({ server, facts }: KnownServer): boolean {
  const tasks = coreTasks(facts)
  return isRecord(tasks['list']) && !servesOthers(server.settings)
}

/** Core tasks of legacy servers: their capabilities are objects within objects. Those of the extension are another thing. */
function tasksOf(known: readonly KnownServer[]): Record<string, unknown> {
  return known.reduce<Record<string, unknown>>((merged, one) => {
    const { list: _, ...tasks } = coreTasks(one.facts)
    return joined(merged, listsTasks(one) ? { ...tasks, list: {} } : tasks)
  }, {})
}

function coreTasks({ era, capabilities }: KnownServer['facts']): Record<string, unknown> {
  const { tasks } = capabilities
  return era === 'legacy' && isRecord(tasks) ? tasks : {}
}

/** Tasks do not cross between the eras: the extension is there for modern clients of modern servers only. */
function extensionsOf(known: readonly KnownServer[], era: Era): Record<string, unknown> {
  return known.reduce<Record<string, unknown>>((merged, { facts }) => {
    const offered = facts.capabilities['extensions']
    const names = passedOnExtensions.filter(
      (name) => name !== tasksExtension || (era === 'modern' && facts.era === era),
    )
    const kept = names.flatMap((name) => (isRecord(offered) && isRecord(offered[name]) ? [[name, offered[name]]] : []))
    return joined(merged, Object.fromEntries(kept))
  }, {})
}

/** Objects are joined member by member and arrays element by element; of anything else the first counts. */
function joined(one: Record<string, unknown>, other: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...one }
  for (const [name, value] of Object.entries(other)) {
    const known = merged[name]
    if (known === undefined) merged[name] = value
    else if (isRecord(known) && isRecord(value)) merged[name] = joined(known, value)
    else if (Array.isArray(known) && Array.isArray(value)) merged[name] = [...new Set([...known, ...value])]
  }
  return merged
}
