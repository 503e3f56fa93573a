import { McpoError } from '../errors.ts'
import type { ExitStatus } from '../sandbox/model.ts'

/** What is told to whoever waits for a server that is gone: how it ended, and its last lines of stderr. */
export function endingError(server: string, status: ExitStatus | null, lastLines: readonly string[]): McpoError {
  const tail = lastLines.length === 0 ? '' : `; its last words: ${lastLines.join(' | ')}`
  return new McpoError('TRANSPORT_ERROR', `Server "${server}" ${wordsFor(status)}${tail}`, {
    hint: 'The next call starts it again.',
    data: { server, ...status },
  })
}

/** Null: its output ended, and its exit was not seen yet. */
function wordsFor(status: ExitStatus | null): string {
  if (status === null) return 'closed its output'
  return status.signal === null ? `exited with code ${status.code}` : `was ended by ${status.signal}`
}
