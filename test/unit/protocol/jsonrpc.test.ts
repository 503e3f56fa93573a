import t from 'tap'
import { McpoError } from '../../../lib/errors.ts'
import {
  errorMessage,
  notificationMessage,
  requestMessage,
  resultMessage,
  rpcErrorOf,
} from '../../../lib/protocol/jsonrpc.ts'
import { frameLine, scanners } from './scanners.ts'

const messages = {
  request: [requestMessage('1', 'ping'), requestMessage('"a\\"b"', 'tools/call', { name: 'x\n' })],
  notification: [notificationMessage('notifications/cancelled', { requestId: 1 }), notificationMessage('a"b')],
  response: [
    resultMessage('7', {}),
    errorMessage(null, { code: -32700, message: 'line\nbreak' }),
    errorMessage('1', { code: 1, message: 'm', data: { a: 1 } }),
  ],
}

t.test('what is made is one line of the kind it says', async (t) => {
  for (const [, scan] of scanners) {
    for (const [kind, made] of Object.entries(messages)) {
      for (const message of made) t.match(frameLine(scan, message), { kind, hasLineBreaks: false }, message.toString())
    }
  }
})

t.test('the id is the text that was given, and params are left out when there are none', async (t) => {
  t.equal(requestMessage('"x"', 'ping').toString(), '{"jsonrpc":"2.0","id":"x","method":"ping"}')
  t.strictSame(JSON.parse(errorMessage(null, { code: 1, message: 'm' }).toString()), {
    jsonrpc: '2.0',
    id: null,
    error: { code: 1, message: 'm' },
  })
})

t.test('an error tells its code, message, hint and data, never its cause', async (t) => {
  const error = new McpoError('TIMEOUT', 'too slow', { hint: 'wait', data: { ms: 5 }, cause: new Error('secret') })
  t.strictSame(rpcErrorOf(error), { code: -31504, message: 'too slow', data: { ms: 5, hint: 'wait' } })
  t.strictSame(rpcErrorOf(new McpoError('NOT_FOUND', 'gone')), { code: -31404, message: 'gone' })
})
