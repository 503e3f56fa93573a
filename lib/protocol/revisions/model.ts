/** What a revision of the protocol is made of, as far as something is decided from it. */
import type { Field } from '../model.ts'

/** `legacy`: sessions, begun by `initialize`. `modern`: each request stands alone and says its revision itself. */
export type Era = 'legacy' | 'modern'

/** By the name of a capability, the parts of it that mean something. */
export type Capabilities = Readonly<Record<string, readonly string[]>>

/** What one of the two sides may say. */
export interface Side {
  readonly requests: readonly string[]
  readonly notifications: readonly string[]
  /** What it may declare that it can do. */
  readonly capabilities: Capabilities
}

/**
 * How it goes over Streamable HTTP. A session of 2024-11-05, which came before that transport, goes over it as one of
 * 2025-03-26 does.
 */
export interface HttpRules {
  /** Which field the header `Mcp-Name` repeats, by method. */
  readonly nameFields: Readonly<Record<string, Field>>
  /** Events have ids, and with the last of them a client can come back for the rest. */
  readonly isResumable: boolean
  /** A stream may begin with an event that has an id and no data. */
  readonly hasEmptyEvents: boolean
  /** A client that hangs up cancels its request. */
  readonly disconnectCancels: boolean
  /** The status of an answer that is an error with this code; 200 for any other. */
  readonly errorStatuses: Readonly<Record<number, number>>
}

/** Members that results must have. The values are what is said when nothing better is known. */
export interface ResultRules {
  readonly always: Readonly<Record<string, string | number>>
  /** Of the results of `cachedRequests`: how long, and for whom, they may be kept. */
  readonly cached: Readonly<Record<string, string | number>>
  readonly cachedRequests: readonly string[]
}

/** One published revision of the protocol. What is frozen here was read from its schema and its pages on transports. */
export interface Revision {
  /** The date that names it. */
  readonly version: string
  readonly era: Era
  readonly client: Side
  readonly server: Side
  /**
   * What a server may ask its client, with the capability that the client has to have declared. In the legacy era these are
   * requests of the server, in the modern one entries of `inputRequests` in a result.
   */
  readonly questions: Readonly<Record<string, string>>
  /** Requests of the client that may be answered with questions (`input_required`). */
  readonly askingRequests: readonly string[]
  /** By the name of an official extension, the requests of the client that it adds. */
  readonly extensionRequests: Readonly<Record<string, readonly string[]>>
  /** Several messages may come in one JSON array. */
  readonly hasArrays: boolean
  readonly http: HttpRules
  readonly results: ResultRules
  /** The code of the error that says that there is no such resource. */
  readonly unknownResource: number
}

/** The keys of `params._meta` in which each modern request speaks of its client. */
export interface EnvelopeKeys {
  readonly protocolVersion: string
  readonly clientCapabilities: string
  readonly clientInfo: string
  readonly logLevel: string
}

export interface LegacyRevision extends Revision {
  readonly era: 'legacy'
}

export interface ModernRevision extends Revision {
  readonly era: 'modern'
  readonly envelope: EnvelopeKeys
}

/** Freezes a table and all that is in it. */
export function frozen<Table>(table: Table): Table {
  for (const part of typeof table === 'object' && table !== null ? Object.values(table) : []) frozen(part)
  return Object.freeze(table)
}
