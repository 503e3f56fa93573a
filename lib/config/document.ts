import { type Locator, locate, type Part, type Path, type Position } from './positions.ts'

/** A value from the command line or the environment that stands above the file's. */
export interface Override {
  readonly path: Path
  readonly value: unknown
  /** Where it came from, as in errors: `--port`, `MCPO_PORT`. */
  readonly from: string
}

/** One thing wrong with the configuration. `message` names what, not where; secrets never stand in it. */
export interface Problem {
  readonly path: Path
  readonly part: Part
  readonly message: string
}

/** A parsed file with the overrides put in, before and after its variables are filled. */
export interface Document {
  /** As shown in errors: the path that the caller gave. */
  readonly file: string
  readonly text: string
  /** Variables as they stand: what errors may quote. */
  readonly written: unknown
  readonly filled: unknown
  readonly overrides: readonly Override[]
}

/** The value at a path of a parsed document; `undefined` where there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

/** The document with the overrides put in; tables on their way that are no tables are left for the schema to refuse. */
export function withOverrides(document: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce((root, { path, value }) => withValue(root, path, value), document)
}

/** `servers.files.sandbox.network`: a server goes by its name where it has one. */
export function nameOf(document: Document, path: Path): string {
  const names = path.map((step, index) => {
    if (typeof step === 'string') return quoted(step)
    const name = valueAt(document.filled, [...path.slice(0, index + 1), 'name'])
    return typeof name === 'string' && name !== '' && name.length <= 32 ? quoted(name) : `${step + 1}`
  })
  return names.join('.')
}

/** As TOML needs it, and so that no name can forge a line of its own. */
function quoted(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name)
}

/** Finds places in a document; the syntax tree is made on the first question. */
export class Places {
  readonly #document: Document
  #locator: Locator | undefined

  constructor(document: Document) {
    this.#document = document
  }

  /** `config.toml:12:3`, or the flag or variable that gave the value. */
  full(path: Path, part: Part): string {
    const override = this.#override(path)
    if (override !== undefined) return override.from
    const { line, column } = this.position(path, part)
    return `${this.#document.file}:${line}:${column}`
  }

  /** For a second place in a message: `line 12`. */
  short(path: Path): string {
    return this.#override(path)?.from ?? `line ${this.position(path, 'key').line}`
  }

  position(path: Path, part: Part): Position {
    this.#locator ??= locate(this.#document.text)
    return this.#locator(path, part)
  }

  #override(path: Path): Override | undefined {
    return this.#document.overrides.find((override) => JSON.stringify(override.path) === JSON.stringify(path))
  }
}

function withValue(root: unknown, [step, ...rest]: Path, value: unknown): unknown {
  if (step === undefined) return value
  if (root !== undefined && (typeof root !== 'object' || root === null)) return root
  const table = (root ?? {}) as Record<string | number, unknown>
  return { ...table, [step]: withValue(table[step], rest, value) }
}
