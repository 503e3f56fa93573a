/** Which of an interpreter's arguments is the script. */
import type { Language } from './interpreter.ts'

/** Options whose value is the next argument. */
const withValue: Record<Language, readonly string[]> = {
  node: [
    '-r',
    '--require',
    '--import',
    '--loader',
    '--experimental-loader',
    '-C',
    '--conditions',
    '--env-file',
    '--title',
    '--icu-data-dir',
    '--openssl-config',
    '--inspect-port',
  ],
  python: ['-W', '-X', '--check-hash-based-pycs'],
  other: [],
}

/** Options after which there is no script. */
const withoutScript: Record<Language, readonly string[]> = {
  node: ['-e', '--eval', '-p', '--print', '-pe', '-i', '--interactive', '-v', '--version', '-h', '--help'],
  python: ['-c', '-m', '-', '-V', '--version', '-h', '--help'],
  other: [],
}

/** `null` when there is none. */
export function scriptIndex(language: Language, args: readonly string[]): number | null {
  if (language === 'other') return null
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? ''
    if (argument === '--') return index + 1 < args.length ? index + 1 : null
    if (withoutScript[language].includes(argument)) return null
    if (withValue[language].includes(argument)) index++
    else if (!argument.startsWith('-')) return index
  }
  return null
}
