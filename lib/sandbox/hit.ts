import type { LimitHit } from './model.ts'

/** What became of a server at its limit; its name stands in front: `hit max_memory_mb = 512 and was killed`. */
export function hitInWords({ limit, value, times, killed }: LimitHit): string {
  if (killed) return `hit ${limit} = ${value} and was killed`
  if (limit === 'max_upload_mb' || limit === 'max_download_mb') {
    const did = limit === 'max_upload_mb' ? 'sent' : 'got'
    return `hit ${limit} = ${value} (it ${did} that much within 24 hours, and is connected to nothing until less is)`
  }
  const what = limit === 'max_pids' ? 'a new process or thread' : 'memory'
  return `hit ${limit} = ${value} (${what} was refused ${times === 1 ? 'once' : `${times} times`})`
}
