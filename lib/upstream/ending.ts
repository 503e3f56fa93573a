import { McpoError } from '../errors.ts'
import { hitInWords } from '../sandbox/hit.ts'
import type { ExitStatus } from '../sandbox/model.ts'

/** What is told to whoever waits for a server that is gone: how it ended, or by what it became useless, and its last lines of stderr. */
export function endingError(server: string, end: ExitStatus | string, lastLines: readonly string[]): McpoError {
  const tail = lastLines.length === 0 ? '' : `; its last words: ${lastLines.join(' | ')}`
  const atLimit = typeof end === 'string' ? undefined : end.hits?.find(({ killed }) => killed)
  const words = atLimit === undefined ? wordsFor(end) : hitInWords(atLimit)
  return new McpoError('TRANSPORT_ERROR', `Server "${server}" ${words}${tail}`, {
    hint: `The next call starts it again.${atLimit === undefined ? '' : ` Raise ${atLimit.limit} if its work needs more.`}`,
    data: { server, ...(typeof end === 'string' ? {} : end) },
  })
}

function wordsFor(end: ExitStatus | string): string {
  if (typeof end === 'string') return end
  return end.signal === null ? `exited with code ${end.code}` : `was ended by ${end.signal}`
}
