import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { McpoError } from '../../../errors.ts'
import { objectAt } from '../../../protocol/members.ts'
import type { Message } from '../../../protocol/model.ts'
import { bytesOf } from '../../../protocol/pieces.ts'
import { isRecord } from '../../../protocol/records.ts'
import { maxParkedMs } from './parking.ts'

/** Which parked call a `requestState` stands for, and who may go on with it by which request. */
export interface CallState {
  readonly id: string
  readonly principal: string
  readonly server: string
  /** `digestOf` the request that began the call. */
  readonly digest: string
}

const cipher = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16
const maxTextLength = 16 * 1024

/**
 * Seals what goes through a client and comes back (AES-256-GCM, a key that only this process has): the client can neither
 * read nor change it, and it is good for five minutes.
 */
export class Sealer {
  private readonly key = randomBytes(32)
  private readonly now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.now = now
  }

  seal(state: CallState): string {
    const iv = randomBytes(ivBytes)
    const sealing = createCipheriv(cipher, this.key, iv)
    const text = JSON.stringify({ ...state, at: this.now() })
    const sealed = Buffer.concat([sealing.update(text, 'utf8'), sealing.final()])
    return Buffer.concat([iv, sealing.getAuthTag(), sealed]).toString('base64url')
  }

  /** Throws INVALID_PARAMS for what was not sealed here, or too long ago. */
  open(text: string): CallState {
    const { at, ...state } = this.unsealed(text)
    if (typeof at !== 'number' || this.now() - at > maxParkedMs) {
      throw invalid(
        'expired',
        `A call waits up to ${maxParkedMs / 60_000} minutes; make it again without requestState.`,
      )
    }
    return state as unknown as CallState
  }

  private unsealed(text: string): Record<string, unknown> {
    const bytes = Buffer.from(text.slice(0, maxTextLength), 'base64url')
    // Decoding skips what is no base64url: only one spelling counts.
    if (bytes.toString('base64url') !== text || bytes.length < ivBytes + tagBytes) throw foreign()
    const opening = createDecipheriv(cipher, this.key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
    opening.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
    try {
      const plain = Buffer.concat([opening.update(bytes.subarray(ivBytes + tagBytes)), opening.final()])
      const state: unknown = JSON.parse(plain.toString())
      return isRecord(state) ? state : {}
    } catch {
      throw foreign()
    }
  }
}

/** Throws INVALID_PARAMS unless the state belongs to this caller, this server and this very request. */
export function ensureSame(state: CallState, { principal, server, digest }: Omit<CallState, 'id'>): void {
  if (state.principal !== principal || state.server !== server) throw foreign()
  if (state.digest === digest) return
  throw invalid('of another request', 'Repeat the request as it was, with inputResponses and requestState added.')
}

/** What a retry must repeat: the method, and every param but `_meta` and what the retry adds. */
export function digestOf(request: Message): string {
  const hash = createHash('sha256').update(request.text('method') ?? '')
  const span = request.span('params')
  const params = span === null ? null : objectAt(request, span)
  const members = (params?.members ?? []).filter(({ key }) => !added.has(key))
  const sorted = members.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  for (const { key, value } of sorted) {
    const length = value.end - value.start
    hash.update(`\0${JSON.stringify(key)}:${length}\0`).update(bytesOf(request.pieces, value))
  }
  return hash.digest('base64url')
}

const added = new Set(['_meta', 'inputResponses', 'requestState'])

function foreign(): McpoError {
  return invalid('none that this gateway gave to this client', 'Send it back exactly as it came.')
}

function invalid(what: string, hint: string): McpoError {
  return new McpoError('INVALID_PARAMS', `params.requestState is ${what}`, { hint })
}
