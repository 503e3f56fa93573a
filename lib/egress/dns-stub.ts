/** Answers what a server looks up: listed names with an address of ours, everything else with "no such name". Asks nobody. */
import type { Buffer } from 'node:buffer'
import type { EgressPolicy } from '../policy/network/entry.ts'
import { isNameListed } from '../policy/network/entry.ts'
import { normaliseName } from '../policy/network/host-name.ts'
import {
  type Answer,
  internetClass,
  type Question,
  readQuestion,
  recordTypes,
  responseCodes,
  writeAnswer,
} from './dns-message.ts'
import type { Gate } from './gate.ts'
import { answerTtlSeconds, type NameAddresses } from './names.ts'

/** What systems ask by themselves. */
const quietSuffixes = ['.arpa', '.local', '.localdomain', '.internal', '.home', '.lan']

export class DnsStub {
  readonly #policy: EgressPolicy
  readonly #names: NameAddresses
  readonly #gate: Gate

  constructor(policy: EgressPolicy, names: NameAddresses, gate: Gate) {
    this.#policy = policy
    this.#names = names
    this.#gate = gate
  }

  /** `null`: such a message gets no answer. */
  answer(message: Buffer): Buffer | null {
    const question = readQuestion(message)
    return question === null ? null : writeAnswer(question, this.#answerTo(question))
  }

  #answerTo({ name: asked, type, class: kind }: Question): Answer {
    const name = normaliseName(asked)
    if (name === null || kind !== internetClass || !isNameListed(this.#policy, name)) {
      this.#tell(name ?? '')
      return empty(responseCodes.noSuchName)
    }
    // Connections to its IPv6 addresses could not be told apart; and records of other types lead elsewhere.
    if (type !== recordTypes.a) return empty(responseCodes.noError)
    const address = this.#names.addressOf(name)
    if (address === null) return empty(responseCodes.serverFailure)
    return { code: responseCodes.noError, address: address.split('.').map(Number), ttlSeconds: answerTtlSeconds }
  }

  #tell(name: string): void {
    const isQuiet = !name.includes('.') || quietSuffixes.some((suffix) => name.endsWith(suffix))
    if (!isQuiet) this.#gate.refuseName(name)
  }
}

function empty(code: number): Answer {
  return { code, address: null, ttlSeconds: 0 }
}
