/**
 * Policy and facts in, plan and verdicts out, one file per case in `cases/`; each is laid over `base.json`.
 * `UPDATE_GOLDEN=1` writes what comes out into the files: read the difference before you commit it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { McpoError } from '../../lib/errors.ts'
import { type CompileRequest, compile } from '../../lib/policy/compile.ts'

interface Case {
  readonly title: string
  readonly given: Json
  readonly gives: unknown
}

type Json = { readonly [name: string]: unknown }

// Sources are not copied beside the compiled test.
const folder = join(import.meta.dirname, '../../../test/golden')
const base: Json = read('base.json')
const names = readdirSync(join(folder, 'cases')).sort()

for (const name of names) {
  const { title, given, gives }: Case = read(join('cases', name))
  t.test(`${name}: ${title}`, async (t) => {
    const found: unknown = JSON.parse(JSON.stringify(outcome(overlaid(base, given))))
    if (process.env['UPDATE_GOLDEN'] === '1') {
      writeFileSync(join(folder, 'cases', name), `${JSON.stringify({ title, given, gives: found }, null, 2)}\n`)
      return
    }
    t.same(found, gives)
  })
}

function outcome(request: Json): unknown {
  try {
    return compile(asRequest(request))
  } catch (error) {
    if (!(error instanceof McpoError)) throw error
    return { refused: { code: error.code, message: error.message, hint: error.hint } }
  }
}

/** The files hold what the type says, but for the set, which JSON has not. */
function asRequest(json: Json): CompileRequest {
  const request = json as unknown as CompileRequest
  const secretVariables = new Set(request.environment.secretVariables)
  return { ...request, environment: { ...request.environment, secretVariables } }
}

function overlaid(under: Json, over: Json): Json {
  const merged: Record<string, unknown> = { ...under }
  for (const [name, value] of Object.entries(over)) {
    const before = merged[name]
    merged[name] = isObject(before) && isObject(value) ? overlaid(before, value) : value
  }
  return merged
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(join(folder, file), 'utf8')) as T
}
