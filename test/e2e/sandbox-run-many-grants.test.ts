import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { makePlace } from '../support/place.ts'
import { mcpo } from '../support/serve.ts'

await enforceable(t, 'as many paths as the launcher takes are granted, and one sentence refuses more', async (t) => {
  const place = makePlace(t)
  const env = { PATH: process.env['PATH'], HOME: place.folder }
  const paths = Array.from({ length: 1001 }, (_, index) => join(place.folder, `granted-${index}`))
  for (const path of paths) mkdirSync(path)
  const run = (count: number) =>
    mcpo(['sandbox', 'run', ...paths.slice(0, count).flatMap((path) => ['--ro', path]), '--', 'true'], env)
  t.match(await run(500), { code: 0, stderr: '' })
  const refused = await run(1001)
  t.equal(refused.code, 125)
  t.match(refused.stderr, /needs \d+ mounts, and 1000 are the most/)
})
