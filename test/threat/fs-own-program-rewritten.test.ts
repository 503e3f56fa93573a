/** A server whose program lies in a folder that it may write rewrites it, so that its next start shows more of the host. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { defaultTraffic } from '../../lib/policy/model.ts'
import { closeStdio } from '../../lib/sandbox/close.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import type { LaunchSpec, SandboxedChild } from '../../lib/sandbox/model.ts'
import { startServer } from '../../lib/sandbox/start.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, packageFolder, paths } from '../support/attack.ts'
import { makePlace, type Place } from '../support/place.ts'

await enforceable(t, 'a start script that became a link to a secret is not followed', async (t) => {
  const place = makePlace(t)
  const secret = place.file('closed/secret')
  const open = place.makeFolder('open')
  writeFileSync(join(open, 'server.js'), '')
  t.equal((await exited(await start(open, process.execPath, ['server.js']))).code, 0, 'it works before')
  const found = await attack(
    `
os.unlink(f'{open_}/server.js')
act('swap', lambda: os.symlink(secret, f'{open_}/server.js'))`,
    { filesystem: paths(open), given: { open_: open, secret } },
  )
  t.equal(found['swap'], 'allowed', 'it is its own folder')
  await t.rejects(start(open, process.execPath, ['server.js']), {
    code: 'CONFIG_ERROR',
    message: /must not choose what it is shown/,
  })
})

await enforceable(t, "a virtual environment's python that became a link to a secret shows nothing", async (t) => {
  const place = makePlace(t)
  const [open, reads] = environmentOf(place, place.file('closed/secret'))
  const status = await exited(await start(open, reads, []))
  t.equal(status.code, 1, 'cat found no such file')
})

await enforceable(t, 'the same file, granted, is read', async (t) => {
  const place = makePlace(t)
  const secret = place.file('closed/secret')
  const [open, reads] = environmentOf(place, secret)
  t.equal((await exited(await start(open, reads, [], `${secret}:ro`))).code, 0)
})

/** A writable folder with a false virtual environment, and its program, which reads the secret. */
function environmentOf(place: Place, secret: string): [string, string] {
  const open = place.makeFolder('open')
  const bin = join(open, '.venv/bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(open, '.venv/pyvenv.cfg'), 'home = /usr/bin\n')
  symlinkSync(secret, join(bin, 'python'))
  const reads = join(bin, 'serve')
  writeFileSync(reads, `#!/bin/sh\ncat ${secret} >/dev/null 2>&1\n`)
  chmodSync(reads, 0o755)
  return [open, reads]
}

function start(open: string, command: string, args: readonly string[], ...more: string[]): Promise<SandboxedChild> {
  const limit = (value: number): { value: number; written: boolean } => ({ value, written: false })
  const spec: LaunchSpec = {
    policy: {
      name: 'attack',
      network: false,
      filesystem: paths(open, ...more),
      inheritEnvironment: false,
      allowPersistence: [],
      limits: { memoryMb: limit(512), cpuPercent: limit(100), pids: limit(64) },
      traffic: defaultTraffic,
      bestEffort: [],
    },
    command,
    args,
    env: {},
    cwd: open,
    baseDir: packageFolder,
    secretVariables: new Set(),
  }
  return startServer(spec, createContext({ configFile: null, environment: process.env }), { passing: true })
}

async function exited(child: SandboxedChild): Promise<Awaited<SandboxedChild['exited']>> {
  const status = await child.exited
  closeStdio(child.stdio)
  return status
}
