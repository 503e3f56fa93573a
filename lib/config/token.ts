import { McpoError } from '../errors.ts'
import { absolutePath } from './paths.ts'
import { readSecret } from './read.ts'

const fromFile = 'file:'
const minLength = 16
const maxLength = 4096

/**
 * The token itself: as it stands, or what the file after `file:` holds, less one line end. Throws CONFIG_ERROR, without
 * a place; the token never stands in the message.
 */
export async function resolveToken(setting: string, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const token = setting.startsWith(fromFile) ? await readToken(setting.slice(fromFile.length), folder, env) : setting
  if (token.length < minLength) {
    throw new McpoError('CONFIG_ERROR', `expected a token of at least ${minLength} characters, got ${token.length}`)
  }
  if (token.length <= maxLength && /^[A-Za-z0-9._~+/-]+=*$/.test(token)) return token
  const characters = `${maxLength} letters, digits and "-._~+/", "=" only at its end`
  throw new McpoError('CONFIG_ERROR', `expected a token of at most ${characters}, as a Bearer header can carry it`)
}

async function readToken(path: string, folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const text = await readSecret(absolutePath(path, folder, env), 'the token file', maxLength + 2)
  return text.replace(/\r?\n$/, '')
}
