import type { Host } from '../policy/network/host-name.ts'

/** Where somebody wants to go. */
export interface Destination {
  readonly host: Host
  readonly port: number
}

/** How it was asked for: for whoever reads of a refusal. */
export type Way = 'connect' | 'http' | 'socks' | 'transparent' | 'dns'
