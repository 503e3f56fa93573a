/** Finds this host's container engine, and asks it what it can hold. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { McpoError } from '../../errors.ts'
import type { EngineFacts } from '../../policy/container/engine.ts'
import { isExecutable, textOf } from '../look.ts'
import { dockerFacts, podmanFacts } from './facts.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface Engine {
  /** Absolute path of its client. */
  readonly path: string
  readonly facts: EngineFacts
  /** What its client is given of the gateway's environment. */
  readonly environment: Readonly<Record<string, string>>
}

const kinds = ['podman', 'docker'] as const
const askTimeoutMs = 20_000
const maxAnswerBytes = 4 * 1024 * 1024
const defaultPath = '/usr/local/bin:/usr/bin:/bin'

/** Where a client finds its settings, its state and its daemon; nothing of it reaches a container. */
const passedNames = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TMPDIR', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'],
  ...['CONTAINERS_CONF', 'CONTAINERS_STORAGE_CONF', 'DBUS_SESSION_BUS_ADDRESS', 'DOCKER_CONFIG', 'DOCKER_HOST'],
]

/**
 * podman before docker. Throws NOT_FOUND where there is neither, SANDBOX_ERROR where it does not answer or could start nothing.
 * `hybrid`: the control groups of version 2 beside those of version 1.
 */
export async function findEngine(environment: Environment, hybrid = '/sys/fs/cgroup/unified'): Promise<Engine> {
  const passed = passedOn(environment)
  const folders = (passed['PATH'] ?? defaultPath).split(':').filter((folder) => folder.startsWith('/'))
  for (const kind of kinds) {
    for (const folder of folders) {
      const path = join(folder, kind)
      if (!(await isExecutable(path))) continue
      const facts = await factsOf(kind, path, passed)
      if (facts.cgroups === 'disabled') await refuseHybrid(path, hybrid)
      return { path, facts, environment: passed }
    }
  }
  throw new McpoError('NOT_FOUND', `no container engine: neither podman nor docker is in PATH (${folders.join(':')})`, {
    hint: 'install podman and crun, or run the server without type = "container"',
  })
}

/** Runs a command of the engine's client to its end; what it wrote. Throws SANDBOX_ERROR with the last line of what it said. */
export function askEngine(
  { path, environment }: Pick<Engine, 'path' | 'environment'>,
  args: readonly string[],
  timeout = askTimeoutMs,
): Promise<string> {
  const options = { env: environment, timeout, killSignal: 'SIGKILL', maxBuffer: maxAnswerBytes } as const
  return new Promise((resolve, reject) => {
    execFile(path, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(failed(path, args, stderr.trim().split('\n').at(-1) ?? '', error))
    })
  })
}

function failed(path: string, args: readonly string[], said: string, cause: Error): McpoError {
  const what = said === '' ? 'it did not answer' : said.slice(0, 500)
  return new McpoError('SANDBOX_ERROR', `${path} ${args[0]} failed: ${what}`, {
    hint: `run it yourself: ${path} ${args[0]}`,
    cause,
  })
}

function passedOn(environment: Environment): Record<string, string> {
  const passed: Record<string, string> = {}
  for (const name of passedNames) {
    const value = environment[name]
    if (value !== undefined) passed[name] = value
  }
  const host = passed['DOCKER_HOST']
  if (host === undefined || host.startsWith('unix://')) return passed
  throw new McpoError(
    'CONFIG_ERROR',
    'DOCKER_HOST names another machine, whose files and limits the gateway cannot judge',
    {
      hint: 'use an engine on this machine: unset DOCKER_HOST',
    },
  )
}

async function factsOf(
  kind: EngineFacts['kind'],
  path: string,
  environment: Record<string, string>,
): Promise<EngineFacts> {
  const format = kind === 'podman' ? 'json' : '{{json .}}'
  const answer = await askEngine({ path, environment }, ['info', '--format', format])
  try {
    const info = JSON.parse(answer)
    return kind === 'podman' ? podmanFacts(info) : dockerFacts(info, environment['DOCKER_HOST'])
  } catch (cause) {
    throw new McpoError('SANDBOX_ERROR', `${path} info says what MCP-One does not understand`, { cause })
  }
}

/** crun looks at them even when it is to make none. */
async function refuseHybrid(path: string, hybrid: string): Promise<void> {
  const controllers = ((await textOf(join(hybrid, 'cgroup.controllers'))) ?? '').trim()
  if (controllers === '') return
  throw new McpoError(
    'SANDBOX_ERROR',
    `${path} cannot start a container here: crun refuses a mixture of cgroup v1 and v2 (${hybrid} has ${controllers})`,
    {
      hint: 'boot with systemd.unified_cgroup_hierarchy=1 and cgroup_no_v1=all, or let podman use runc (containers.conf)',
    },
  )
}
