import { parseDocument } from '@decimalturn/toml-patch'

export type Path = readonly (string | number)[]

/** Both count from 1; the column in UTF-16 units, as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** `key`: where the name stands (a table: its header); `value`: where the value starts. */
export type Part = 'key' | 'value'

/** Where something stands in the file. What the file does not have is found at the nearest table that would hold it. */
export type Locator = (path: Path, part: Part) => Position

/** Indexes a document by its syntax tree. A text that the tree's parser refuses has everything at its start. */
export function locate(text: string): Locator {
  const index = new Map<string, { key: Position; value: Position }>()
  for (const [path, key, value] of entries(text)) {
    const name = JSON.stringify(path)
    if (!index.has(name)) index.set(name, { key, value })
  }
  return (path, part) => {
    for (let length = path.length; length > 0; length--) {
      const found = index.get(JSON.stringify(path.slice(0, length)))
      if (found !== undefined) return length === path.length ? found[part] : found.key
    }
    return { line: 1, column: 1 }
  }
}

type Entry = readonly [path: Path, key: Position, value: Position]

/** The package exports neither its node types nor their enum: after a test of `type`, the casts below say what it tells. */
type Block = ReturnType<typeof parseDocument>['cst'][number]
type Row = Extract<Block, { equals: number }>
type Value = Row['value']

function entries(text: string): Entry[] {
  try {
    return [...blocks(parseDocument(text).cst)]
  } catch {
    return []
  }
}

function* blocks(items: Iterable<Block>): Generator<Entry> {
  const listLengths = new Map<string, number>()
  for (const block of items) {
    if (block.type === 'KeyValue') yield* row([], block as Row)
    if (block.type !== 'Table' && block.type !== 'TableArray') continue
    const header = block as Extract<Block, { items: unknown }>
    const path = headerPath(header.key.item.value, block.type === 'TableArray', listLengths)
    const place = position(header.loc.start)
    yield* prefixes(path, place)
    for (const item of header.items) if (item.type === 'KeyValue') yield* row(path, item as Row)
  }
}

/** `[servers.sandbox]` after the second `[[servers]]` is `["servers", 1, "sandbox"]`. */
function headerPath(names: readonly string[], isList: boolean, listLengths: Map<string, number>): Path {
  const path: (string | number)[] = []
  for (const [index, name] of names.entries()) {
    path.push(name)
    const list = JSON.stringify(path)
    const length = listLengths.get(list) ?? 0
    const opensEntry = isList && index === names.length - 1
    if (opensEntry) listLengths.set(list, length + 1)
    if (opensEntry || length > 0) path.push(opensEntry ? length : length - 1)
  }
  return path
}

function* row(parent: Path, { key, value }: Row): Generator<Entry> {
  const path = [...parent, ...key.value]
  const place = position(key.loc.start)
  yield* prefixes(path.slice(0, -1), place, parent.length + 1)
  yield [path, place, position(value.loc.start)]
  yield* inside(path, value)
}

function* inside(path: Path, value: Value): Generator<Entry> {
  if (value.type === 'InlineTable') {
    for (const { item } of (value as Extract<Value, { items: { item: Row }[] }>).items) yield* row(path, item as Row)
  }
  if (value.type !== 'InlineArray') return
  for (const [index, { item }] of (value as Extract<Value, { items: unknown }>).items.entries()) {
    const place = position((item as Value).loc.start)
    yield [[...path, index], place, place]
    yield* inside([...path, index], item as Value)
  }
}

function* prefixes(path: Path, place: Position, from = 1): Generator<Entry> {
  for (let length = from; length <= path.length; length++) yield [path.slice(0, length), place, place]
}

function position(start: { line: number; column: number }): Position {
  return { line: start.line, column: start.column + 1 }
}
