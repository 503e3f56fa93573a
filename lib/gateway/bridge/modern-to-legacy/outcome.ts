import { McpoError } from '../../../errors.ts'
import type { Message } from '../../../protocol/model.ts'

/** What became of a request at its server. */
export type Outcome = { readonly answer: Message } | { readonly error: McpoError }

/** A longer answer is not kept for a client that is away. */
const maxKeptBytes = 1024 * 1024

/** What is kept until the client comes back: the server answered without having its own answers. */
export function kept(outcome: Outcome): Outcome {
  if ('error' in outcome || outcome.answer.byteLength <= maxKeptBytes) return outcome
  const message = `The server answered while its client was asked, in more than ${maxKeptBytes} bytes: too much to keep`
  return { error: new McpoError('TOO_LARGE', message) }
}

/** `capabilities`: what the server needs of its client, as the client would declare it. */
export function missing(capabilities: Readonly<Record<string, object>>): McpoError {
  const names = JSON.stringify(Object.keys(capabilities).join(', '))
  return new McpoError('MISSING_CAPABILITY', `The server needs a client with the capability ${names}`, {
    data: { requiredCapabilities: capabilities },
  })
}

/** The person did not go where the server sent them, without which it does not do what was asked. */
export function notVisited(): McpoError {
  return new McpoError(
    'TRANSPORT_ERROR',
    'The server does this only after a visit to its URL, which was not agreed to',
    {
      hint: 'Make the call again, and agree to open the URL.',
    },
  )
}

export function tooManyVisits(): McpoError {
  return new McpoError('TOO_LARGE', 'The server wants more URLs to be visited than a call may ask for')
}
