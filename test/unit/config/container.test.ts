import t from 'tap'
import { load, localServers, refusalOf, sandbox, server } from './harness.ts'

const container = 'type = "container"\nimage = "a:1"\n'

const bad: [what: string, text: string, line: RegExp][] = [
  ['a container without an image', sandbox('type = "container"'), /sandbox\.type = "container" .* needs .*image/],
  ['an image without a container', sandbox('image = "a"'), /image has no effect beside .*; write type = "container"/],
  [
    'a container with the tree of the host',
    sandbox(`${container}filesystem = "host-readonly"`),
    /disagrees with .*container/,
  ],
  ['a container with every right', sandbox(`${container}filesystem = "full"`), /disagrees with .*container/],
  ['a container with our environment', sandbox(`${container}env_inherit = true`), /name the variables in env/],
  ['a container without a sandbox', sandbox(`${container}enabled = false`), /enabled = false .* disagrees/],
  [
    'a relative folder in a container',
    server(`cwd = "data"\nsandbox = { type = "container", image = "a" }`),
    /cwd is a folder of the image: expected an absolute path/,
  ],
]

for (const [what, text, line] of bad) {
  t.test(`${what} is refused`, async (t) => {
    const lines = await refusalOf(t, text)
    t.equal(lines.length, 1, lines.join('\n'))
    t.match(lines[0], line)
  })
}

t.test("command and folder are the image's own, and stay as they are", async (t) => {
  const text = server(
    `cwd = "/data"\nargs = ["x"]\nsandbox = { ${container.trim().replace('\n', ', ')}, filesystem = ["./rw"] }`,
  )
  const [found] = localServers(await load(t, text.replace(/command = .*/, 'command = "./run"')))
  t.match(found, { image: 'a:1', command: './run', cwd: '/data', args: ['x'] })
  t.match(found?.policy?.filesystem, { kind: 'paths', grants: [{ access: 'rw', path: /^\// }] })
})

t.test('a container takes an allow-list', async (t) => {
  for (const [written, network] of [
    ['["api.example.org:443"]', { kind: 'list', entries: [{ name: 'api.example.org', port: 443 }] }],
    ['true', { kind: 'public' }],
  ] as const) {
    const [found] = localServers(await load(t, sandbox(`${container}network = ${written}`)))
    t.match(found?.policy?.network, network)
  }
})
