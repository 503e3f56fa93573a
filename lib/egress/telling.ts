import type { AllowedTraffic, Direction } from './allowance.ts'
import type { TellRefused } from './refusals.ts'
import type { Traffic } from './traffic.ts'

/** Who hears of what one server does on its way to the world. */
export interface TellEgress {
  readonly refused: TellRefused
  /** Of each destination that was reached. */
  readonly connected?: (where: string) => void
  /** Once: it has sent or got as much as it may for now, and is cut off. */
  readonly exhausted?: (direction: Direction, most: AllowedTraffic) => void
  /** At the end, unless it never was connected. */
  readonly ended?: (traffic: Readonly<Traffic>, connections: number) => void
}
