import type { LocalSettings, RemoteSettings, UpstreamSettings } from '../config/model.ts'
import type { Resolve } from '../egress/address-guard.ts'
import type { FrameCounters } from '../protocol/framer.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { SandboxEvent } from '../sandbox/events/model.ts'
import { started } from '../sandbox/events/started.ts'
import { tellEvent } from './confinement.ts'
import type { Opened } from './connection.ts'
import { HttpConnection } from './http/connection.ts'
import { Origin } from './http/origin.ts'
import { Remote } from './http/remote.ts'
import { ToolHeaders } from './http/tool-headers.ts'
import type { Log, StartServer, UpstreamLimits } from './model.ts'
import { SseConnection } from './sse/connection.ts'
import { StdioConnection } from './stdio.ts'

/** Makes copies of one server, in the way that its settings say. */
export interface Starter {
  /** Rejects with a McpoError. */
  start(): Promise<Opened>
  /** Gives up what its copies shared. */
  close(): Promise<void>
}

export interface StarterOptions {
  readonly settings: UpstreamSettings
  readonly start: StartServer
  readonly limits: UpstreamLimits
  readonly scan: ScanChunk
  readonly counters: FrameCounters
  readonly log: Log
  /** How names become addresses; the system's way when left out. */
  readonly resolve?: Resolve
}

export function createStarter(options: StarterOptions): Starter {
  const { settings } = options
  return settings.type === 'stdio' ? localStarter(settings, options) : remoteStarter(settings, options)
}

function localStarter(settings: LocalSettings, { start, limits, scan, counters, log }: StarterOptions): Starter {
  const options = { server: settings.name, scan, counters, maxMessageBytes: limits.maxMessageBytes }
  return {
    async start() {
      const onEvent = (event: SandboxEvent): void => tellEvent(log, event)
      const child = await start(settings, onEvent)
      onEvent(started(settings.name, child))
      return { connect: (events) => new StdioConnection(child, options, events), discard: () => child.kill() }
    },
    async close() {},
  }
}

/** Nothing runs before the first message: all copies of a remote server share its connections. */
function remoteStarter(settings: RemoteSettings, { limits, scan, counters, log, resolve }: StarterOptions): Starter {
  const origin = new Origin(settings, resolve)
  const tools = new ToolHeaders(settings.name, scan, log)
  const { maxMessageBytes } = limits
  const Way = settings.type === 'sse' ? SseConnection : HttpConnection
  const remote = () => new Remote({ settings, origin, tools, scan, maxMessageBytes, log })
  return {
    async start() {
      return { connect: (events) => new Way(remote(), counters, events), discard() {} }
    },
    close: () => origin.close(),
  }
}
