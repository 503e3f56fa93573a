/** Who a server is on the host when the gateway is root: an unprivileged uid of its own, the same after each restart. */
import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { McpoError } from '../errors.ts'
import { hasProcesses } from '../native/index.ts'
import { lookAt, namesIn, textOf } from './look.ts'
import { randomBetween } from './random.ts'

/** First and last. Outside of what distributions give to accounts; systemd uses it for short-lived users alike. */
export const defaultUidRange: readonly [number, number] = [61_184, 65_519]

const fileName = 'uids.json'
const attempts = 64

/** Hands out uids, one after the other, and writes them down. One per process. */
export class Identities {
  readonly #stateFolder: string
  readonly #range: readonly [number, number]
  #last: Promise<unknown> = Promise.resolve()

  constructor(stateFolder: string, range: readonly [number, number] = defaultUidRange) {
    this.#stateFolder = stateFolder
    this.#range = range
  }

  /** The uid of the server of this name: no other name's, no account's, and the same next time. */
  stable(name: string): Promise<number> {
    const next = this.#last.then(() => this.#stable(name))
    this.#last = next.catch(() => undefined)
    return next
  }

  /** A uid that nothing on this host uses now. */
  async random(): Promise<number> {
    const taken = new Set([...(await this.#read()).values(), ...(await accounts())])
    const [first, last] = this.#range
    for (let attempt = 0; attempt < attempts; attempt++) {
      const uid = randomBetween(first, last)
      if (!taken.has(uid) && !hasProcesses(uid)) return uid
    }
    throw exhausted(this.#range)
  }

  /** This uid, where it is one of the range that nothing on this host has. Throws INVALID_REQUEST. */
  async chosen(uid: number): Promise<number> {
    const [first, last] = this.#range
    const isOfRange = Number.isSafeInteger(uid) && uid >= first && uid <= last
    const isTaken =
      isOfRange && ([...(await this.#read()).values(), ...(await accounts())].includes(uid) || hasProcesses(uid))
    if (isOfRange && !isTaken) return uid
    throw new McpoError(
      'INVALID_REQUEST',
      `the uid ${uid} ${isTaken ? 'is in use' : `is not from ${first} to ${last}`}`,
      {
        hint: `choose one from ${first} to ${last} that no account, group or server has, and no process runs under`,
      },
    )
  }

  async #stable(name: string): Promise<number> {
    const known = await this.#read()
    const [first, last] = this.#range
    const before = known.get(name)
    const others = await accounts()
    if (before !== undefined && before >= first && before <= last) {
      if (others.includes(before)) throw ownedByAccount(this.#file, name, before)
      return before
    }
    const taken = new Set([...known.values(), ...others])
    const size = last - first + 1
    const start = createHash('sha256').update(name).digest().readUInt32BE(0) % size
    for (let step = 0; step < size; step++) {
      const uid = first + ((start + step) % size)
      if (taken.has(uid)) continue
      await this.#write(known.set(name, uid))
      return uid
    }
    throw exhausted(this.#range)
  }

  get #file(): string {
    return join(this.#stateFolder, fileName)
  }

  /** A file that cannot be understood is an error: guessing could give one server another's files. */
  async #read(): Promise<Map<string, number>> {
    if ((await lookAt(this.#file)) === null) return new Map()
    try {
      const value: unknown = JSON.parse((await textOf(this.#file)) ?? '')
      const entries = Object.entries(typeof value === 'object' && value !== null ? value : {})
      if (!entries.every((entry): entry is [string, number] => Number.isSafeInteger(entry[1])))
        throw new TypeError('not numbers')
      return new Map(entries)
    } catch (cause) {
      throw new McpoError('IO_ERROR', `${this.#file}, which says which server has which uid, cannot be read`, {
        hint: 'repair it, or delete it: each server then gets a new uid',
        cause,
      })
    }
  }

  async #write(uids: ReadonlyMap<string, number>): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 })
    const next = `${this.#file}.${process.pid}`
    await writeFile(next, `${JSON.stringify(Object.fromEntries(uids), null, 2)}\n`, { mode: 0o600 })
    await rename(next, this.#file)
  }
}

/** What the server has made belongs to that uid: another one would not reach it, and this one would reach the account's. */
function ownedByAccount(file: string, name: string, uid: number): McpoError {
  return new McpoError(
    'SANDBOX_ERROR',
    `the uid ${uid} of the server ${name} belongs to an account of this host by now`,
    {
      hint: `give the account another id, or take "${name}" out of ${file}: the server then gets a new uid, and its files must be handed to it`,
    },
  )
}

function exhausted([first, last]: readonly [number, number]): McpoError {
  return new McpoError('SANDBOX_ERROR', `no uid between ${first} and ${last} is free`, {
    hint: 'widen uid_range under [server]',
  })
}

/** Uids and gids of this host, those that systemd gives to running services (DynamicUser=) included: a server's gid is its uid. */
async function accounts(): Promise<number[]> {
  const files = await Promise.all(['/etc/passwd', '/etc/group'].map(textOf))
  const lines = files.flatMap((text) => (text ?? '').split('\n'))
  const dynamic = await namesIn('/run/systemd/dynamic-uid')
  return [...lines.map((line) => line.split(':')[2]), ...dynamic].map((id) => Number.parseInt(id ?? '', 10))
}
