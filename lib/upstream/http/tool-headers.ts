import { McpoError } from '../../errors.ts'
import { argumentsAt } from '../../protocol/bridge/arguments.ts'
import { type ParamHeader, paramHeadersOf, paramHeaderValue } from '../../protocol/bridge/param-headers.ts'
import { membersOf } from '../../protocol/json-walk.ts'
import { type ListElement, listElements } from '../../protocol/lists.ts'
import { type Edit, parseMessage, splice } from '../../protocol/message.ts'
import type { Message } from '../../protocol/model.ts'
import type { ScanChunk } from '../../protocol/scan.ts'
import type { Log } from '../model.ts'

const annotation = Buffer.from('x-mcp-header')
const backslash = Buffer.from('\\')
/** More tools than any list may have elements. */
const maxTools = 50_000
/** A longer name is not remembered: calls of such a tool have no headers of their own. */
const maxNameLength = 1024
const relistMs = 60_000

/**
 * Which params of a remote server's tools are repeated in headers (2026-07-28, "Custom Headers from Tool Parameters"), learnt from
 * its lists as they pass. Tools whose annotations are invalid are taken out of the lists, as the specification asks.
 */
export class ToolHeaders {
  private readonly byTool = new Map<string, readonly ParamHeader[]>()
  private readonly server: string
  private readonly scan: ScanChunk
  private readonly log: Log
  private readonly refused = new Set<string>()
  private listing: Promise<void> | null = null
  private notBeforeMs = 0

  constructor(server: string, scan: ScanChunk, log: Log) {
    this.server = server
    this.scan = scan
    this.log = log
  }

  knows(tool: string): boolean {
    return this.byTool.has(tool) || this.refused.has(tool)
  }

  /**
   * Runs `list`, unless that was done within the last minute; calls that come meanwhile wait for it too. If it fails, calls go on
   * without headers of their own: the server says what it misses.
   */
  async lookUp(list: () => Promise<void>): Promise<void> {
    if (performance.now() < this.notBeforeMs) return this.listing ?? undefined
    this.notBeforeMs = performance.now() + relistMs
    this.listing = list()
      .catch(() => {})
      .finally(() => {
        this.listing = null
      })
    return this.listing
  }

  /** The headers that a call of a tool takes. Throws INVALID_PARAMS for a tool that must not be called. */
  of(call: Message): Record<string, string> {
    const tool = call.text('params.name') ?? ''
    if (this.refused.has(tool)) throw mustNotBeCalled(this.server)
    const headers = this.byTool.get(tool) ?? []
    const values = argumentsAt(
      call,
      headers.map(({ path }) => path),
    )
    const pairs = headers.flatMap((header, index) => {
      const value = paramHeaderValue({ ...header, path: [] }, values[index])
      return value === null ? [] : [[header.header, value]]
    })
    return Object.fromEntries(pairs)
  }

  /** Learns from the answer to a `tools/list`, and gives it without the tools that must not be called. */
  learn(answer: Message): Message {
    if (answer.isError) return answer
    const { elements } = listElements(answer, 'tools')
    const refused = new Set(elements.filter((element) => !this.learnTool(element)))
    if (refused.size === 0) return answer
    return parseMessage(splice(answer, withoutElements(elements, refused)), this.scan)
  }

  private learnTool({ bytes: json, text }: ListElement): boolean {
    const mayAnnotate = json.includes(annotation) || json.includes(backslash)
    const { headers, problem } = mayAnnotate ? paramHeadersOf(schemaOf(json)) : { headers: [], problem: null }
    if (problem === null) this.accept(text, headers)
    else this.refuse(text, problem)
    return problem === null
  }

  private accept(tool: string, headers: readonly ParamHeader[]): void {
    this.refused.delete(tool)
    if (tool.length > maxNameLength) return
    if (this.byTool.size < maxTools || this.byTool.has(tool)) this.byTool.set(tool, headers)
  }

  private refuse(tool: string, problem: string): void {
    this.byTool.delete(tool)
    if (tool.length > maxNameLength || this.refused.has(tool) || this.refused.size >= maxTools) return
    this.refused.add(tool)
    this.log.warn({ server: this.server, tool: tool.slice(0, 200) }, `a tool is left out of the lists: ${problem}`)
  }
}

function mustNotBeCalled(server: string): McpoError {
  return new McpoError(
    'INVALID_PARAMS',
    `The tool is left out of the lists of "${server}": its header annotations are invalid`,
  )
}

/** A schema that stands there twice is refused with the list. */
function schemaOf(tool: Buffer): unknown {
  const schemas = [...membersOf(tool, 0)].filter(({ key }) => key === 'inputSchema')
  const [schema] = schemas
  if (schemas.length > 1) throw new McpoError('TRANSPORT_ERROR', 'A tool of the server has two input schemas')
  return schema === undefined ? undefined : JSON.parse(tool.toString('utf8', schema.value.start, schema.value.end))
}

/** Takes elements out of a list, each with a comma beside it. */
function withoutElements(elements: readonly ListElement[], refused: ReadonlySet<ListElement>): Edit[] {
  const edits: Edit[] = []
  let lastKept: ListElement | null = null
  for (const [index, element] of elements.entries()) {
    if (!refused.has(element)) {
      lastKept = element
      continue
    }
    const next = elements[index + 1]
    // Behind a kept element goes the comma before it, else the one after it.
    const before = elements[index - 1]
    if (lastKept !== null && before !== undefined)
      edits.push({ span: { start: before.span.end, end: element.span.end }, bytes: '' })
    else edits.push({ span: { start: element.span.start, end: next?.span.start ?? element.span.end }, bytes: '' })
  }
  return edits
}
