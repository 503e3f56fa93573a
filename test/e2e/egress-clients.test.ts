/** The programs that servers are made of reach what is listed, by the proxy that they are told of or without knowing of one. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { parseList } from '../../lib/policy/network/list.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import { startServer } from '../../lib/sandbox/start.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { makePlace } from '../support/place.ts'
import { plainPolicy, unwritten } from '../support/plain-policy.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const list = parseList(['files.example:80', 'registry.example:80'])

interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const node = (code: string): Program => ({ command: process.execPath, args: ['--input-type=module', '-e', code] })
const python = (code: string): Program => ({ command: '/usr/bin/python3', args: ['-I', '-c', code] })
const shell = (script: string): Program => ({ command: '/bin/sh', args: ['-c', script] })

/** Each prints what it got from files.example, or the word "refused" of other.example. */
const programs: Readonly<Record<string, (host: string) => Program>> = {
  'node fetch': (host) =>
    node(`console.log(await fetch('http://${host}/hello').then((a) => a.ok ? a.text() : 'refused', () => 'refused'))`),
  'node http': (host) =>
    node(`import http from 'node:http'; import { text } from 'node:stream/consumers'
      http.get('http://${host}/hello', async (a) => console.log(await text(a))).on('error', () => console.log('refused'))`),
  'python urllib': (host) =>
    python(`import urllib.request as u
try: print(u.urlopen('http://${host}/hello').read().decode())
except OSError: print('refused')`),
  // As servers do that are afraid of being led to a service of this machine.
  'python that wants public addresses': (host) =>
    python(`import ipaddress, socket, urllib.request as u
try:
    found = {info[4][0] for info in socket.getaddrinfo('${host}', 80)}
    assert all(ipaddress.ip_address(each).is_global for each in found), found
    print(u.urlopen('http://${host}/hello').read().decode())
except OSError: print('refused')`),
  'python socket': (host) =>
    python(`import socket
try:
    s = socket.create_connection(('${host}', 80), 20)
    s.sendall(b'GET /hello HTTP/1.0\\r\\nHost: ${host}\\r\\n\\r\\n')
    data = b''
    while chunk := s.recv(4096): data += chunk
    print(data.split(b'\\r\\n\\r\\n')[1].decode())
except OSError: print('refused')`),
  curl: (host) => shell(`curl -sf http://${host}/hello || echo refused`),
  'curl without a proxy': (host) => shell(`curl -sf --noproxy '*' http://${host}/hello || echo refused`),
  'curl by SOCKS': (host) => shell(`curl -sf --proxy socks5h://127.0.0.1:1080 http://${host}/hello || echo refused`),
  'curl by SOCKS, with an address that it looked up': (host) =>
    shell(`curl -sf --proxy socks5://127.0.0.1:1080 http://${host}/hello || echo refused`),
  'curl by CONNECT': (host) => shell(`curl -sf --proxytunnel http://${host}/hello || echo refused`),
  git: (host) => shell(`git clone -q http://${host}/repository.git /tmp/clone && cat /tmp/clone/hello || echo refused`),
}

function filesIn(folder: string): void {
  const git = (...args: string[]): void => {
    const env = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: folder }
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: folder, env })
  }
  writeFileSync(join(folder, 'hello'), 'hello')
  git('init', '-q', 'work')
  writeFileSync(join(folder, 'work/hello'), 'hello')
  git('-C', 'work', 'add', 'hello')
  git('-C', 'work', 'commit', '-qm', 'hello')
  git('clone', '-q', '--bare', 'work', 'repository.git')
  git('-C', 'repository.git', 'update-server-info')
}

/** A registry with one package. */
function registryIn(folder: string): void {
  const source = join(folder, 'source/package')
  mkdirSync(source, { recursive: true })
  writeFileSync(join(source, 'package.json'), '{ "name": "greeting", "version": "1.0.0" }')
  writeFileSync(join(source, 'index.js'), 'console.log("hello")')
  execFileSync('tar', ['-czf', join(folder, 'greeting.tgz'), '-C', dirname(source), 'package'])
  const dist = { tarball: 'http://registry.example/greeting.tgz' }
  const versions = { '1.0.0': { name: 'greeting', version: '1.0.0', dist } }
  writeFileSync(
    join(folder, 'greeting'),
    JSON.stringify({ name: 'greeting', 'dist-tags': { latest: '1.0.0' }, versions }),
  )
}

await enforceable(t, 'real programs', async (t) => {
  const names = { 'files.example': ['1.1.1.1'], 'other.example': ['1.1.1.1'], 'registry.example': ['1.1.1.2'] }
  const world = new World(t, names)
  const folder = makePlace(t).folder
  for (const part of ['files', 'registry']) mkdirSync(join(folder, part))
  filesIn(join(folder, 'files'))
  registryIn(join(folder, 'registry'))
  await world.files('1.1.1.1', 80, join(folder, 'files'))
  await world.files('1.1.1.2', 80, join(folder, 'registry'))
  const context = createContext({ configFile: null, environment: process.env, resolve: world.resolve })

  const run = async (program: Program): Promise<string> => {
    const policy = plainPolicy('client', { network: list, limits: unwritten(1024, 400, 256) })
    const spec = {
      ...program,
      policy,
      env: program.env ?? {},
      cwd: null,
      baseDir: '/',
      secretVariables: new Set<string>(),
    }
    const child = await startServer(spec, context, { passing: true })
    new Socket({ fd: child.stdio.stdin, readable: false, writable: true }).end()
    const [output, errors] = await Promise.all(
      [child.stdio.stdout, child.stdio.stderr].map((fd) => text(new Socket({ fd, writable: false }))),
    )
    const { code } = await child.exited
    return code === 0 ? (output ?? '').trim() : `ended with ${code}: ${errors}`
  }

  for (const [name, program] of Object.entries(programs)) {
    await t.test(`${name} reaches a listed host, and no other`, async (t) => {
      t.equal(await run(program('files.example')), 'hello')
      t.equal(await run(program('other.example')), 'refused')
    })
  }

  await t.test('npm installs a package of a listed registry', async (t) => {
    const script =
      'cd /tmp && npm install --silent --registry http://registry.example/ greeting && node node_modules/greeting'
    t.equal(await run(shell(script)), 'hello')
  })

  t.notOk(world.heard.some((each) => each.includes('other.example')))
})
