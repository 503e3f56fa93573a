/**
 * One spelling for each JSON string or number that stands for an id or a token, so that `1`, `1.0` and `1e0`, or `"a"` and
 * `"\u0061"`, are the same key. `raw` is JSON text that was already checked.
 */
export function scalarKey(raw: string): string {
  if (plainInteger.test(raw)) return raw
  if (raw.startsWith('"') && !raw.includes('\\')) return raw
  return JSON.stringify(JSON.parse(raw))
}

const plainInteger = /^(0|[1-9][0-9]{0,14})$/
