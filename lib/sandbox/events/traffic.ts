/** What a server did on its way to the world, in numbers. */
import type { AllowedTraffic, Direction } from '../../egress/allowance.ts'
import type { Traffic } from '../../egress/traffic.ts'
import type { LimitHit } from '../model.ts'
import type { TrafficTold } from './model.ts'

export function trafficOf(server: string, traffic: Readonly<Traffic>, connections: number): TrafficTold {
  return { type: 'sandbox.traffic', server, ...traffic, connections }
}

export function trafficHit(direction: Direction, { uploadMb, downloadMb }: AllowedTraffic): LimitHit {
  return direction === 'upload'
    ? { limit: 'max_upload_mb', value: uploadMb, times: 1, killed: false }
    : { limit: 'max_download_mb', value: downloadMb, times: 1, killed: false }
}
