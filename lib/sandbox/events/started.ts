import type { SandboxedChild } from '../model.ts'
import type { Started } from './model.ts'

/** Of a server that has just been started, in whatever way. */
export function started(server: string, child: Omit<SandboxedChild, 'stdio'>): Started {
  const { pid, verdicts, proof = null, notes = [] } = child
  return { type: 'sandbox.start', server, pid, verdicts, proof, notes }
}
