import { McpoError } from '../../errors.ts'

/** Lines `NAME=value` for `--env-file`. Throws CONFIG_ERROR for a value with a line break, which no such file can hold. */
export function environmentLines(server: string, env: Readonly<Record<string, string>>): string {
  const broken = Object.keys(env).find((name) => /[\n\r\0]/.test(env[name] ?? ''))
  if (broken !== undefined) {
    throw new McpoError(
      'CONFIG_ERROR',
      `the variable ${broken} of ${server} has a line break, which no container can be given`,
      {
        hint: 'put the value into a file, and grant that with ":ro"',
        data: { server, variable: broken },
      },
    )
  }
  return Object.keys(env)
    .sort()
    .map((name) => `${name}=${env[name]}\n`)
    .join('')
}
