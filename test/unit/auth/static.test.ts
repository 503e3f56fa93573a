import t from 'tap'
import { createAuthenticator } from '../../../lib/auth/index.ts'

t.test('without authentication everyone is the anonymous principal', async (t) => {
  const { authenticate, challenge } = createAuthenticator({ type: 'none' })
  t.same(authenticate(undefined), { id: 'anonymous' })
  t.equal(challenge, null)
})

t.test('the configured token lets in, in any spelling of the scheme', async (t) => {
  const { authenticate } = createAuthenticator({ type: 'static', token: 's3cret' })
  for (const header of ['Bearer s3cret', 'bearer s3cret', 'Bearer  s3cret '])
    t.same(authenticate(header), { id: 'static' })
})

t.test('anything else does not, and the error repeats nothing of it', async (t) => {
  const { authenticate, challenge } = createAuthenticator({ type: 'static', token: 's3cret' })
  for (const header of [
    undefined,
    '',
    's3cret',
    'Basic s3cret',
    'Bearer',
    'Bearer s3cre',
    'Bearer s3cret2',
    'Bearer a s3cret',
  ]) {
    t.throws(() => authenticate(header), { code: 'AUTHENTICATION_ERROR', message: /^(?!.*s3cre)/ }, String(header))
  }
  t.match(challenge, /^Bearer /)
})
