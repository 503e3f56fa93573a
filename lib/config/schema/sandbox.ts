import { z } from 'zod'
import { guarantees } from '../../policy/model.ts'
import { maxEntries, maxPorts } from '../../policy/network/entry.ts'
import { parseLine, portsOf } from '../../policy/network/list.ts'
import { persistenceGuards } from '../../policy/persistence.ts'
import { flag, listOf, oneOf, table, text, wholeNumber, word } from './fields.ts'

const networkExpected = 'false, true, "host", or a list of destinations such as "api.example.org:443"'
const filesystemExpected = '"readonly", "host-readonly", "full" or a list of paths, each with ":ro" or without'

const destination = text(512).superRefine((line, context) => {
  const parsed = parseLine(line)
  if (typeof parsed === 'string') context.addIssue({ code: 'custom', message: parsed })
})
const destinations = listOf(destination, maxEntries, 'destinations').refine((lines) => portsOf(lines) <= maxPorts, {
  error: `destinations on at most ${maxPorts} different ports`,
})
const network = z.union([z.boolean(), z.literal('host'), destinations], { error: networkExpected })
const grants = z.array(text(4096).refine((path) => path !== ':ro')).max(64)
const filesystem = z.union([z.enum(['readonly', 'host-readonly', 'full']), grants], { error: filesystemExpected })

/** `[servers.sandbox]`: what the server above may do. */
export const sandboxTable = table({
  enabled: flag().optional(),
  type: oneOf(['default', 'container', 'none']).optional(),
  image: word('the name of an image, such as "docker.io/library/alpine:3.20"', isImage).optional(),
  network: network.default(false),
  /** Lets a server with `network = "host"` run beside `auth.type = "none"`, where it can call this gateway. */
  allow_gateway_access: flag().optional(),
  filesystem: filesystem.default('readonly'),
  env_inherit: flag().default(false),
  /** Persistence guards that are switched off, in folders that `filesystem` grants for writing. */
  allow_persistence: listOf(oneOf(persistenceGuards), persistenceGuards.length, 'persistence guards').default([]),
  /** Without defaults here: whether somebody wrote a limit decides whether it must hold. */
  max_memory_mb: wholeNumber(16, 1_048_576).optional(),
  /** 100 is one core. */
  max_cpu_percent: wholeNumber(1, 102_400).optional(),
  max_pids: wholeNumber(1, 65_536).optional(),
  /** Within 24 hours, all copies together. */
  max_upload_mb: wholeNumber(1, 1_073_741_824).optional(),
  max_download_mb: wholeNumber(1, 1_073_741_824).optional(),
  best_effort: listOf(oneOf(guarantees), guarantees.length, 'guarantees').default([]),
})

const imageName = /^[A-Za-z0-9][A-Za-z0-9._/-]*(:\d+\/[A-Za-z0-9._/-]+)?(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]{64})?$/

/** Name, tag and digest; nothing that an engine could take for an option or for a place of this machine. */
function isImage(value: string): boolean {
  return value.length <= 512 && imageName.test(value) && !value.includes('//')
}
