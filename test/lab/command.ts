/** Runs a program of the host to its end. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const maxOutputBytes = 64 * 1024 * 1024

/** What it wrote to standard output. Rejects with its words when it fails or takes longer than `timeoutMs`. */
export async function outputOf(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly timeoutMs?: number; readonly cwd?: string } = {},
): Promise<string> {
  const { env = process.env, timeoutMs = 300_000, cwd } = options
  try {
    const { stdout } = await execute(program, args, {
      env,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: maxOutputBytes,
      ...(cwd === undefined ? {} : { cwd }),
    })
    return stdout
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new Error(`${program} ${args[0] ?? ''} failed: ${stderr.trim() || message}`, { cause: error })
  }
}
