/** What a server did on its way to the world, in numbers. */
import type { AllowedTraffic, Direction } from '../../egress/allowance.ts'
import type { TellEgress } from '../../egress/telling.ts'
import type { Traffic } from '../../egress/traffic.ts'
import type { LimitHit } from '../model.ts'
import { limitHit } from './ending.ts'
import type { Refusal, TrafficTold } from './model.ts'
import { refusedEgress } from './refused-egress.ts'

/** `hit` is told of a limit that was reached. */
export function tellEgress(
  server: string,
  onEvent: (event: Refusal) => void,
  hit: (hit: LimitHit) => void = (reached) => onEvent(limitHit(server, reached)),
): TellEgress {
  return {
    refused: (refused, count) => onEvent(refusedEgress(server, refused, count)),
    exhausted: (direction, most) => hit(trafficHit(direction, most)),
    ended: (traffic, connections) => onEvent(trafficOf(server, traffic, connections)),
  }
}

export function trafficOf(server: string, traffic: Readonly<Traffic>, connections: number): TrafficTold {
  return { type: 'sandbox.traffic', server, ...traffic, connections }
}

export function trafficHit(direction: Direction, { uploadMb, downloadMb }: AllowedTraffic): LimitHit {
  return direction === 'upload'
    ? { limit: 'max_upload_mb', value: uploadMb, times: 1, killed: false }
    : { limit: 'max_download_mb', value: downloadMb, times: 1, killed: false }
}
