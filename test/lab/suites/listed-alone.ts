/** A container that reaches what is listed, by proxy and without one, and nothing else: under whatever engine. */
import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { parseList } from '../../../lib/policy/network/list.ts'
import { startContainer } from '../../../lib/sandbox/container/start.ts'
import { createContext } from '../../../lib/sandbox/context.ts'
import type { EgressRefused } from '../../../lib/sandbox/events/model.ts'
import { plainPolicy, unwritten } from '../../support/plain-policy.ts'
import { World } from '../../support/world.ts'

const policy = plainPolicy('box', {
  network: parseList(['listed.example:80', '10.9.8.7:80']),
  limits: unwritten(256, 100, 64),
})
const script = `get() { /usr/bin/curl -sf -m 60 "$@" || echo refused; echo; }
  for host in listed.example 10.9.8.7 other.example 1.1.1.1; do
    get "http://$host/hello"
    get --noproxy '*' "http://$host/hello"
  done`

/** `image`: with /bin/sh and /usr/bin/curl. */
export async function reachesTheListedAlone(t: Test, image: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const world = new World(t, { 'listed.example': ['1.1.1.1'], 'other.example': ['1.1.1.1'] })
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-listed-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'hello'), 'hello')
  for (const address of ['1.1.1.1', '10.9.8.7']) await world.files(address, 80, folder)
  const context = createContext({ configFile: null, environment, resolve: world.resolve })
  t.teardown(() => context.close())
  const refused: EgressRefused[] = []
  const spec = { policy, image, command: '/bin/sh', args: ['-c', script], env: {}, cwd: null }
  const { stdio, exited } = await startContainer(spec, context, (event) => {
    if (event.type === 'sandbox.egress-refused') refused.push(event)
  })
  closeSync(stdio.stdin)
  const said = [stdio.stdout, stdio.stderr].map((fd) => text(new Socket({ fd, writable: false })))
  const [stdout = '', stderr = ''] = await Promise.all(said)
  // A newer docker's client wants another spelling of a mount, which older ones do not know.
  const own = stderr.split('\n').filter((line) => !/level=warning msg="bind-nonrecursive is deprecated/.test(line))
  t.same([await exited, own], [{ code: 0, signal: null }, ['']])
  const [hello, none] = [Array(4).fill('hello'), Array(4).fill('refused')]
  t.strictSame(stdout.split('\n').filter(Boolean), [...hello, ...none])
  const destinations = refused.map(({ destination }) => destination)
  t.strictSame(destinations, ['other.example:80', 'other.example', '1.1.1.1:80'])
}
