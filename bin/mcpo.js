#!/usr/bin/env node
try {
  const { main } = await import('../dist/lib/cli/main.js')
  await main(process.argv)
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.url ?? error.message).includes('/dist/')) throw error
  console.error('mcpo: this copy is not built\nhint: Run "npm ci" (or "npm run build") in its folder first.')
  process.exitCode = 70
}
