import { McpoError } from '../errors.ts'
import { argumentsAt } from '../protocol/bridge/arguments.ts'
import { agrees, type ParamHeader, paramHeadersOf } from '../protocol/bridge/param-headers.ts'
import { type ListElement, listElements } from '../protocol/lists.ts'
import type { Message } from '../protocol/model.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { Claims } from './model.ts'

/** Asks the server for a page of its tools; resolves with an error answer, too. */
export type AskForTools = (params: { readonly cursor?: string }) => Promise<Message>

const maxTools = 10_000
const maxNameLength = 1024
const maxPages = 100
/** A tool that no list has told of is looked for once in this time. */
const listEveryMs = 60_000
const none: readonly ParamHeader[] = []

/**
 * Which params the tools of one server want repeated in headers, as its lists told. The gateway reads the body, so it must
 * compare the two (2026-07-28, "Server Behavior for Custom Headers"): somebody on the way may have decided from the header.
 */
export class ToolHeaders {
  private readonly tools = new Map<string, readonly ParamHeader[]>()
  private readonly now: () => number
  private listing: Promise<void> | null = null
  private listedAt = Number.NEGATIVE_INFINITY

  constructor(now: () => number = () => performance.now()) {
    this.now = now
  }

  /** There is one for each server. */
  static of(server: UpstreamServer): ToolHeaders {
    const known = all.get(server)
    if (known !== undefined) return known
    const headers = new ToolHeaders()
    all.set(server, headers)
    return headers
  }

  /** Learns from a page of the server's tools. */
  learn(tools: readonly ListElement[]): void {
    for (const { bytes, text } of tools) if (text.length <= maxNameLength) this.remember(text, headersOf(bytes))
  }

  /** As `learn`, from an answer to `tools/list`. What is no page of tools teaches nothing. */
  learnFrom(answer: Message): void {
    if (!answer.isError) this.learn(toolsIn(answer))
  }

  /** Throws HEADER_MISMATCH when a header does not say what the body says. A tool that was never listed is looked up first. */
  async ensure(call: Message, tool: string, claims: Claims, ask: AskForTools): Promise<void> {
    if (claims.paramHeaders === null) return
    if (!this.tools.has(tool)) await this.list(ask)
    const wanted = this.tools.get(tool) ?? none
    if (wanted.length > 0) ensureAgreement(call, wanted, claims.paramHeaders)
  }

  private list(ask: AskForTools): Promise<void> {
    if (this.now() - this.listedAt < listEveryMs) return Promise.resolve()
    this.listing ??= this.readAll(ask).finally(() => {
      this.listing = null
    })
    return this.listing
  }

  private async readAll(ask: AskForTools): Promise<void> {
    let cursor: string | null = null
    for (let count = 0; count < maxPages; count += 1) {
      const answer: Message = await ask(cursor === null ? {} : { cursor })
      // Whoever cannot list tools says so again when one is called.
      if (answer.isError) break
      const { elements, nextCursor } = listElements(answer, 'tools')
      this.learn(elements)
      cursor = nextCursor
      if (cursor === null) break
    }
    this.listedAt = this.now()
  }

  /** The oldest makes room. */
  private remember(tool: string, headers: readonly ParamHeader[]): void {
    this.tools.delete(tool)
    this.tools.set(tool, headers.length === 0 ? none : headers)
    const [oldest] = this.tools.keys()
    if (this.tools.size > maxTools && oldest !== undefined) this.tools.delete(oldest)
  }
}

const all = new WeakMap<UpstreamServer, ToolHeaders>()

function ensureAgreement(call: Message, wanted: readonly ParamHeader[], came: Readonly<NodeJS.Dict<string>>): void {
  const paths = wanted.map(({ path }) => path)
  for (const [at, value] of argumentsAt(call, paths).entries()) {
    const { header, path } = wanted[at] ?? { header: '', path: [] }
    if (agrees(value, came[header])) continue
    const name = JSON.stringify(path.join('.').slice(0, 100))
    throw new McpoError('HEADER_MISMATCH', `The header ${header} does not say what the param ${name} says`, {
      hint: 'Read tools/list again: its x-mcp-header says which params are repeated in headers.',
    })
  }
}

function toolsIn(answer: Message): readonly ListElement[] {
  try {
    return listElements(answer, 'tools').elements
  } catch {
    return []
  }
}

/** Most tools have no annotation: those are not parsed. One may be written with escapes. */
function headersOf(tool: Buffer): readonly ParamHeader[] {
  if (!tool.includes('mcp-header') && !tool.includes('\\u')) return none
  return paramHeadersOf((JSON.parse(tool.toString()) as { inputSchema?: unknown }).inputSchema).headers
}
