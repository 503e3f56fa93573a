/** A start that is the host's trial as well: what the host cannot do is asked only when it has failed, and then told instead. */
import type { SandboxContext } from '../../sandbox/context.ts'
import type { SandboxEvent } from '../../sandbox/events/model.ts'
import { stdioModes } from '../../sandbox/inherited-stdio.ts'
import { type Launched, type LaunchRequest, launchOn } from '../../sandbox/launch.ts'
import type { LaunchSpec } from '../../sandbox/model.ts'
import { createRelay, type Relay } from '../../sandbox/relay.ts'
import { prepareLaunch } from '../../sandbox/start.ts'
import { PassedSignals } from './passed-signals.ts'

export interface Started {
  readonly prepared: LaunchRequest
  readonly relay: Relay
  readonly signals: PassedSignals
  readonly child: Launched
}

export interface FirstStartOptions {
  readonly explain: boolean
  /** See `StartOptions.uid`. */
  readonly uid?: number | undefined
  readonly onEvent: (event: SandboxEvent) => void
  /** Called once for each note, before the command runs. */
  readonly onNote: (note: string) => void
}

export class FirstStart {
  readonly #context: SandboxContext
  readonly #options: FirstStartOptions
  readonly #noted = new Set<string>()
  readonly #failures: SandboxEvent[] = []
  #signals: PassedSignals | null = null

  /** `context`: one whose trial is put off. */
  constructor(context: SandboxContext, options: FirstStartOptions) {
    this.#context = context
    this.#options = options
  }

  /** On the caller's standard input, output and error. Throws what `startServer` throws. */
  async run(spec: LaunchSpec): Promise<Started> {
    try {
      return await this.#runOnce(spec)
    } catch (error) {
      if (await this.#context.tryNow()) {
        this.#failures.length = 0
        return await this.#runOnce(spec)
      }
      throw error
    } finally {
      for (const event of this.#failures) this.#options.onEvent(event)
    }
  }

  async #runOnce(spec: LaunchSpec): Promise<Started> {
    const modes = stdioModes()
    const { explain, uid } = this.#options
    const options = { passing: true, uid, explain, onEvent: this.#take }
    const prepared = await prepareLaunch(spec, this.#context, options)
    for (const note of prepared.notes.filter((each) => !this.#noted.has(each))) this.#tell(note)
    const relay = createRelay(modes, prepared.plan.hostUid)
    this.#signals ??= new PassedSignals()
    const child = await launchOn(prepared, relay.stdio, () => '')
    this.#signals.passTo(child)
    return { prepared, relay, signals: this.#signals, child }
  }

  /** Whether a failed start counts is known later. */
  readonly #take = (event: SandboxEvent): void => {
    if (event.type === 'sandbox.start-failed') this.#failures.push(event)
    else this.#options.onEvent(event)
  }

  #tell(note: string): void {
    this.#noted.add(note)
    this.#options.onNote(note)
  }
}
