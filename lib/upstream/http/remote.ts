import type { RemoteSettings } from '../../config/model.ts'
import type { ScanChunk } from '../../protocol/scan.ts'
import type { Log } from '../model.ts'
import { Quota } from '../quota.ts'
import { Flow } from './bodies.ts'
import type { Origin } from './origin.ts'
import type { ToolHeaders } from './tool-headers.ts'

/** Besides the data of the longest message: field names, ids, comments. */
const eventOverheadBytes = 64 * 1024

export interface RemoteOptions {
  readonly settings: RemoteSettings
  readonly origin: Origin
  readonly tools: ToolHeaders
  readonly scan: ScanChunk
  readonly maxMessageBytes: number
  readonly log: Log
}

/** What all parts of one connection to a remote server share. */
export class Remote {
  readonly settings: RemoteSettings
  readonly url: URL
  readonly origin: Origin
  readonly tools: ToolHeaders
  readonly scan: ScanChunk
  readonly maxMessageBytes: number
  readonly flow = new Flow()
  private readonly log: Log
  private readonly faults = new Quota(5)

  constructor(options: RemoteOptions) {
    this.settings = options.settings
    this.url = new URL(options.settings.url)
    this.origin = options.origin
    this.tools = options.tools
    this.scan = options.scan
    this.maxMessageBytes = options.maxMessageBytes
    this.log = options.log
  }

  get maxEventBytes(): number {
    return this.maxMessageBytes + eventOverheadBytes
  }

  /** The longest that an answer's headers may take: the call itself has timed out by then. */
  get answerTimeoutMs(): number {
    return Math.max(this.settings.requestTimeoutMs, this.settings.startupTimeoutMs) + 5000
  }

  /** What a server can cause at will must not fill the log. */
  warn(text: string): void {
    if (this.faults.admit().admitted) this.log.warn({ server: this.settings.name }, text)
  }
}
