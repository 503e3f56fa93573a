import type { Guarantee, Policy, Strength } from '../model.ts'

/** One way in which a policy asks for less than it could have. A file each, with the reason and the risk on top. */
export interface Relaxation {
  /** As the configuration has it: `network = "host"`. */
  readonly setting: string
  readonly applies: (policy: Policy) => boolean
  /** What is left of each guarantee that it touches. */
  readonly leaves: Readonly<Partial<Record<Guarantee, Strength>>>
  /** One sentence: what the server can do because of it. */
  readonly risk: string
}
