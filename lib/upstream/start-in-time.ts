import type { UpstreamSettings } from '../config/model.ts'
import { McpoError, toMcpoError } from '../errors.ts'
import type { Opened } from './connection.ts'
import type { Starter } from './start.ts'
import { startLimit } from './time-limit.ts'

/**
 * Starts a copy. One that takes longer than it may is given up, and let go if it comes after all. Rejects with a McpoError that names
 * the server.
 */
export async function startInTime(starter: Starter, settings: UpstreamSettings): Promise<Opened> {
  const { name } = settings
  const { ms, hint } = startLimit(settings)
  const started = starter.start()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new McpoError('TIMEOUT', `Server "${name}" did not start within ${ms / 1000} s`, { hint })
    timer = setTimeout(reject, ms, error).unref()
  })
  try {
    return await Promise.race([started, late])
  } catch (thrown) {
    started.then(
      (opened) => opened.discard(),
      () => {},
    )
    throw named(name, toMcpoError(thrown))
  } finally {
    clearTimeout(timer)
  }
}

function named(server: string, error: McpoError): McpoError {
  if (error.message.includes(`"${server}"`)) return error
  return new McpoError(error.code, `Server "${server}" does not start: ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
    data: { ...error.data, server },
  })
}
