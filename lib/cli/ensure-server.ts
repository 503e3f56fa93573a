import type { Config } from '../config/model.ts'
import { McpoError } from '../errors.ts'

/**
 * Throws SERVER_NOT_FOUND unless the configuration has an enabled server of that name. For who starts the gateway, and may know
 * which servers there are: they are named.
 */
export function ensureServer({ servers, file }: Config, name: string): void {
  const found = servers.find((server) => server.name === name)
  if (found?.enabled === true) return
  const quoted = JSON.stringify(name.slice(0, 100))
  if (found !== undefined) {
    throw new McpoError('SERVER_NOT_FOUND', `The server ${quoted} of ${file} is disabled`, {
      hint: 'Take enabled = false out of its table.',
    })
  }
  const names = servers.flatMap((server) => (server.enabled ? [server.name] : []))
  throw new McpoError('SERVER_NOT_FOUND', `There is no server ${quoted} in ${file}`, {
    hint: names.length === 0 ? 'It has no enabled servers.' : `Its servers are ${names.join(', ')}.`,
  })
}
