import { fields } from '../model.ts'
import { byteAt, KEY_FOLDED, KEY_NODE, type ScanState } from './layout.ts'

/**
 * The decisive keys as a tree, one node a letter. Node 0 matches nothing; nodes 1 to 3 are the roots for the keys of the
 * message, of params and of params._meta. Walking it takes no memory for the key and survives a border between chunks.
 */
const labels: number[] = [0, 0, 0, 0]
const children: number[] = [0, 0, 0, 0]
const siblings: number[] = [0, 0, 0, 0]
const ends: number[] = [-1, -1, -1, -1]

for (const [index, field] of fields.entries()) {
  const { root, key } = splitField(field)
  ends[addPath(root, Buffer.from(key))] = index
}

const label = Uint8Array.from(labels)
const child = Uint8Array.from(children)
const sibling = Uint8Array.from(siblings)
const end = Int8Array.from(ends)

/** The field that ends at a node, or -1. */
export function fieldAt(node: number): number {
  return end[node] as number
}

/** Takes one decoded character of a key. Letter case is ignored, as some receivers do, and the difference noted. */
export function feedKey(state: ScanState, code: number): void {
  const folded = fold(code)
  let node = byteAt(child, state[KEY_NODE])
  while (node !== 0 && fold(byteAt(label, node)) !== folded) node = byteAt(sibling, node)
  state[KEY_NODE] = node
  if (node !== 0 && label[node] !== code) state[KEY_FOLDED] = 1
}

function splitField(field: string): { root: number; key: string } {
  if (field.startsWith('params._meta.')) return { root: 3, key: field.slice('params._meta.'.length) }
  if (field.startsWith('params.')) return { root: 2, key: field.slice('params.'.length) }
  return { root: 1, key: field }
}

function addPath(root: number, key: Uint8Array): number {
  let node = root
  for (const letter of key) node = childOf(node, letter)
  return node
}

function childOf(parent: number, letter: number): number {
  let node = children[parent] ?? 0
  while (node !== 0 && labels[node] !== letter) node = siblings[node] ?? 0
  if (node !== 0) return node
  siblings.push(children[parent] ?? 0)
  labels.push(letter)
  children.push(0)
  ends.push(-1)
  children[parent] = labels.length - 1
  return labels.length - 1
}

/** Lower case. Two letters outside ASCII fold into it: long s and the Kelvin sign. */
function fold(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code | 0x20
  if (code === 0x17f) return 0x73
  return code === 0x212a ? 0x6b : code
}
