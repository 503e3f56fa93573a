/** What is printed must be a policy that starts: lines that would be refused are told apart. */
import { toMcpoError } from '../../errors.ts'
import type { PathGrant, Policy } from '../../policy/model.ts'
import { parentOf } from '../../policy/paths.ts'
import type { SandboxContext } from '../../sandbox/context.ts'
import { lookAt } from '../../sandbox/look.ts'
import type { LaunchSpec } from '../../sandbox/model.ts'
import { prepareLaunch } from '../../sandbox/start.ts'

export interface Grantable {
  readonly lines: readonly string[]
  /** With the reason of each. */
  readonly refused: Map<string, string>
}

/** Tries them one by one, since a refusal does not always say which line it is about. Nothing is started. */
export async function grantable(
  lines: readonly string[],
  spec: LaunchSpec,
  narrow: Policy,
  context: SandboxContext,
): Promise<Grantable> {
  const kept: string[] = []
  const refused = new Map<string, string>()
  for (const line of lines) {
    const policy: Policy = { ...narrow, filesystem: { kind: 'paths', grants: [grantOf(line)] } }
    try {
      await prepareLaunch({ ...spec, policy, cwd: null }, context)
      kept.push(line)
    } catch (thrown) {
      refused.set(line, toMcpoError(thrown).message)
    }
  }
  return { lines: kept, refused }
}

/** What the server itself has made, and may make under another name the next time, needs the folder. */
export async function lastingLine(line: string, begunAtMs: number): Promise<string> {
  const { path, access } = grantOf(line)
  const stats = await lookAt(path)
  const isOwn = stats === null || stats.birthtimeMs >= begunAtMs
  return access === 'rw' && isOwn ? parentOf(path) : line
}

function grantOf(line: string): PathGrant {
  return line.endsWith(':ro') ? { path: line.slice(0, -':ro'.length), access: 'ro' } : { path: line, access: 'rw' }
}
