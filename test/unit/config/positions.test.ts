import t from 'tap'
import { locate, type Part, type Path } from '../../../lib/config/positions.ts'

const text = `top = 1
[server]
  port = 3000 # é
a.b.c = [1, { d = "x" },
  "😀", 4]
[[servers]]
name = "one"
env = { A = "1", B.C = "2" }
[servers.sandbox]
network = "host"
[[servers]]
name = 'two'
[servers."sand box"]
x=1
[[servers.list]]
[[servers.list]]
y = 2
`

const places: [path: Path, part: Part, line: number, column: number][] = [
  [['top'], 'key', 1, 1],
  [['top'], 'value', 1, 7],
  [['server'], 'key', 2, 1],
  [['server', 'port'], 'key', 3, 3],
  [['server', 'port'], 'value', 3, 10],
  [['server', 'a', 'b'], 'key', 4, 1],
  [['server', 'a', 'b', 'c'], 'value', 4, 9],
  [['server', 'a', 'b', 'c', 0], 'value', 4, 10],
  [['server', 'a', 'b', 'c', 1, 'd'], 'key', 4, 15],
  [['server', 'a', 'b', 'c', 1, 'd'], 'value', 4, 19],
  [['server', 'a', 'b', 'c', 3], 'value', 5, 9],
  [['servers'], 'key', 6, 1],
  [['servers', 0], 'key', 6, 1],
  [['servers', 0, 'env', 'B', 'C'], 'value', 8, 24],
  [['servers', 0, 'sandbox'], 'key', 9, 1],
  [['servers', 0, 'sandbox', 'network'], 'value', 10, 11],
  [['servers', 1], 'key', 11, 1],
  [['servers', 1, 'name'], 'value', 12, 8],
  [['servers', 1, 'sand box', 'x'], 'key', 14, 1],
  [['servers', 1, 'list', 1, 'y'], 'value', 17, 5],
]

for (const [path, part, line, column] of places) {
  t.test(`the ${part} of ${JSON.stringify(path)} stands at ${line}:${column}`, async (t) => {
    t.strictSame(locate(text)(path, part), { line, column })
  })
}

t.test('what is missing is found at the table that would hold it', async (t) => {
  t.strictSame(locate(text)(['servers', 1, 'sandbox', 'enabled'], 'value'), { line: 11, column: 1 })
  t.strictSame(locate(text)(['nowhere', 'x'], 'key'), { line: 1, column: 1 })
})

t.test('a text that is no TOML has everything at its start', async (t) => {
  t.strictSame(locate('a = \n')(['a'], 'value'), { line: 1, column: 1 })
})
