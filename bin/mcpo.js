#!/usr/bin/env node
// CommonJS: Node needs 5 ms less to start than for a module, and who runs commands in sandboxes waits for each of them.
const { runPlainly } = require('./one-file.js').fresh()?.need('cli/sandbox-run/plainly.js') ?? {}
const running = runPlainly?.(process.argv) ?? null

if (running === null) void runAny()
// It never rejects. Nothing is left to be done then, and writing to standard output and error is done when it returns.
else void running.then(() => process.exit())

async function runAny() {
  try {
    const { main } = await import('../dist/lib/cli/main.js')
    await main(process.argv)
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.url ?? error.message).includes('/dist/')) throw error
    console.error('mcpo: this copy is not built\nhint: Run "npm ci" (or "npm run build") in its folder first.')
    process.exitCode = 70
  }
}
