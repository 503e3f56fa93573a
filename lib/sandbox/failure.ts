/** The one sentence that a failed start leaves behind. */
import { readSync } from 'node:fs'
import { McpoError } from '../errors.ts'
import type { StepFailure } from '../policy/host.ts'
import { likelyCause } from './cause.ts'
import { hitInWords } from './hit.ts'
import type { LimitHit } from './model.ts'

const maxStderrBytes = 4096

/** `stderr`: what the launcher or the server wrote before it ended; empty when nothing. `hits`: limits that it ran into. */
export function startError(
  name: string,
  failure: StepFailure,
  stderr: string,
  hits: readonly LimitHit[] = [],
): McpoError {
  const { step, errno, detail } = failure
  const likely = likelyCause(failure)
  const about = detail === '' ? '' : ` (${detail})`
  const cause = likely === null ? '' : `: ${likely.cause}`
  const timedOut = errno === 'TIMEOUT'
  const limits = hits.map((hit) => `; it ${hitInWords(hit)}`).join('')
  const became = step === 'proof' ? 'It was ended at once' : 'Nothing was run'
  const message = `cannot start ${name}: the step "${step}"${about} ${timedOut ? 'did not end in time' : `failed with ${errno}`}${cause}${limits}. ${became}`
  return new McpoError('SANDBOX_ERROR', message, {
    ...(likely === null ? {} : { hint: likely.remedy }),
    data: {
      step,
      errno,
      detail,
      ...(stderr === '' ? {} : { stderr }),
      ...(hits.length === 0 ? {} : { hits }),
      ...exitCodeOf(failure),
    },
  })
}

/** The last 4 KiB of what is waiting in a non-blocking descriptor. */
export function lastOutput(fd: number): string {
  const chunk = Buffer.alloc(maxStderrBytes)
  let kept = Buffer.alloc(0)
  // A socket holds a few hundred KiB at most; the bound is for one that is still written to.
  for (let reads = 0; reads < 256; reads++) {
    const bytes = readSome(fd, chunk)
    if (bytes === 0) break
    kept = Buffer.concat([kept, chunk.subarray(0, bytes)]).subarray(-maxStderrBytes)
  }
  return kept.toString('utf8').trim()
}

function readSome(fd: number, into: Buffer): number {
  try {
    return readSync(fd, into)
  } catch {
    return 0
  }
}

/** env(1)'s codes, for a program that could not be executed. */
function exitCodeOf({ step, errno }: StepFailure): { exitCode?: number } {
  if (step !== 'exec') return {}
  return { exitCode: errno === 'ENOENT' ? 127 : 126 }
}
