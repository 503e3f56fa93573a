/** Starts the servers of a configuration. What `mcpo serve` and `mcpo doctor` share. */
import { dirname } from 'node:path'
import type { Config, UpstreamSettings } from '../config/model.ts'
import type { SandboxContext } from './context.ts'
import type { LaunchSpec, SandboxedChild } from './model.ts'
import { startServer } from './start.ts'
import { startUnconfined } from './unconfined.ts'

/** One copy of a configured server, confined unless its configuration says otherwise. Rejects with a McpoError. */
export function startConfigured(
  server: UpstreamSettings,
  config: Config,
  context: SandboxContext,
): Promise<SandboxedChild> {
  const { policy, ...rest } = specOf(server, config)
  const spec = { ...rest, policy }
  return isConfined(spec)
    ? startServer(spec, context)
    : startUnconfined({ ...rest, name: server.name }, context.environment)
}

export function specOf(
  server: UpstreamSettings,
  config: Config,
): Omit<LaunchSpec, 'policy'> & { policy: LaunchSpec['policy'] | null } {
  const { command, args, env, cwd, policy } = server
  return { policy, command, args, env, cwd, baseDir: dirname(config.file), secretVariables: config.usedVariables }
}

function isConfined(spec: Omit<LaunchSpec, 'policy'> & { policy: LaunchSpec['policy'] | null }): spec is LaunchSpec {
  return spec.policy !== null
}
