/** The table of layers in SECURITY.md is the one that is tried. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { acts } from '../platform/linux/layers/table.ts'

const heading = '| a server that | is refused first by | and then by |'

t.test('SECURITY.md names the layers of each act as the tests try them', async (t) => {
  const tried = acts.map(({ name, layers }) => {
    const [first, ...others] = layers.map(([layer]) => layer)
    return [name, first, others.length === 0 ? 'nothing' : others.join(', ')]
  })
  t.strictSame(rowsBelow(heading), tried)
})

/** Cells of the table that starts with this line. */
function rowsBelow(heading: string): string[][] {
  const lines = readFileSync(join(import.meta.dirname, '../../../SECURITY.md'), 'utf8').split('\n')
  const start = lines.indexOf(heading)
  const rest = start < 0 ? [] : lines.slice(start + 2)
  const end = rest.findIndex((line) => !line.startsWith('|'))
  return rest.slice(0, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}
