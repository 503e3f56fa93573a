import type { Message } from '../../model.ts'
import { newestLegacy } from '../../revisions/index.ts'

/** The capability that a client needs to be asked this by an earlier server. Null: no client is ever asked this. */
export function capabilityAsked(method: string): string | null {
  return Object.hasOwn(newestLegacy.questions, method) ? (newestLegacy.questions[method] ?? null) : null
}

/** A server's request as an entry of `inputRequests`, JSON text in one line. */
export function inputRequestText(request: Message): string {
  const method = JSON.stringify(request.text('method'))
  const params = request.raw('params')?.replace(/[\r\n]/g, ' ')
  return params === undefined ? `{"method":${method}}` : `{"method":${method},"params":${params}}`
}

/** The answer that asks for input. `id` is JSON text; `entries`: key and text of each input request. */
export function inputRequiredMessage(
  id: string,
  entries: ReadonlyMap<string, string>,
  requestState: string,
  serverInfo: object | null,
): Buffer {
  const requests = [...entries].map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')
  const meta =
    serverInfo === null ? '' : `,"_meta":${JSON.stringify({ 'io.modelcontextprotocol/serverInfo': serverInfo })}`
  const state = JSON.stringify(requestState)
  const result = `{"resultType":"input_required","inputRequests":{${requests}},"requestState":${state}${meta}}`
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`)
}
