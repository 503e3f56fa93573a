/** A gateway's own files in a place of a test, open to everybody as far as their modes go. */
import { join } from 'node:path'
import type { Test } from 'tap'
import type { FilesystemPolicy } from '../../lib/policy/model.ts'
import { createContext, type SandboxContext } from '../../lib/sandbox/context.ts'
import { programRoot, protectedPaths } from '../../lib/sandbox/protected.ts'
import { paths } from './attack.ts'
import { makePlace, type Place } from './place.ts'

export interface OwnFiles {
  readonly place: Place
  readonly context: SandboxContext
  /** In a project's folder: beside it the lock, which does not exist. */
  readonly config: string
  readonly lock: string
  /** `mcp-one` in the XDG base folders: the state exists, the rest does not. */
  readonly state: string
  readonly cache: string
  readonly runtime: string
  /** What looks like the installed program. */
  readonly program: string
  /** Each grants a folder above all of these. */
  readonly policies: Readonly<Record<(typeof modesAbove)[number], FilesystemPolicy>>
}

export const modesAbove = ['a grant above', 'full'] as const

export function makeOwnFiles(t: Test): OwnFiles {
  const place = makePlace(t)
  const config = place.file('project/config.toml', 'token = "of the gateway"')
  place.file('project/src/beside')
  place.file('neighbour')
  const environment = environmentIn(place.folder)
  const state = place.makeFolder('home/.local/state/mcp-one')
  place.file('home/.local/state/mcp-one/uids.json', '{}')
  const program = installProgram(place)
  const context = createContext({ configFile: config, environment })
  // The folders of a user, whoever runs this: those of root could not be opened to everybody.
  const own = protectedPaths({ configFile: config, environment, uid: 1 })
  const moved = own.closed.map((path) => path.replace(programRoot(), program))
  const folders = own.folders.map((path) => path.replace(programRoot(), program))
  return {
    place,
    context: { ...context, protectedPaths: { ...own, closed: moved, folders } },
    config,
    lock: join(place.folder, 'project/mcp-one.lock'),
    state,
    cache: join(place.folder, 'home/.cache/mcp-one'),
    runtime: join(place.folder, 'run/mcp-one'),
    program,
    policies: { 'a grant above': paths(place.folder), full: { kind: 'full' } },
  }
}

function environmentIn(folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: join(folder, 'home'), XDG_RUNTIME_DIR: join(folder, 'run') }
}

function installProgram(place: Place): string {
  place.file('app/package.json', '{}')
  for (const name of ['dist/lib/main.js', 'bin/mcpo.js', 'build/Release/mcpo-launch', 'node_modules/dep/index.js']) {
    place.file(`app/${name}`)
  }
  return join(place.folder, 'app')
}
