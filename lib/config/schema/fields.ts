/**
 * The building blocks of the schema. A field's error text says what was expected, as it follows the word "expected";
 * `validate.ts` adds the place and what came instead.
 */
import { z } from 'zod'

/** What a field of a later release is: its type is checked, and its use is refused. */
export const notYetSupported = 'not yet supported'

export function flag() {
  return z.boolean({ error: 'true or false' })
}

export function wholeNumber(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`
  const check = { error, abort: true }
  return z.number(check).int(check).min(min, check).max(max, check)
}

/** A string of 1 to `maxLength` UTF-16 units without NUL, which no argument, variable or path can carry. */
export function text(maxLength: number, what = 'a string') {
  const error = `${what} of 1 to ${maxLength} characters, without NUL`
  return z
    .string({ error })
    .min(1, { error, abort: true })
    .max(maxLength, { error, abort: true })
    .refine((value) => !value.includes('\0'), { error })
}

/** Like `text`, and may be empty: an argument or the value of a variable. */
export function anyText(maxLength: number) {
  const error = `a string of at most ${maxLength} characters, without NUL`
  return z
    .string({ error })
    .max(maxLength, { error, abort: true })
    .refine((value) => !value.includes('\0'), { error })
}

/** A string that `accepts` takes, described by `expected`. */
export function word(expected: string, accepts: (value: string) => boolean) {
  return z.string({ error: expected }).refine(accepts, { error: expected })
}

export function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, {
    error: values
      .map((value) => `"${value}"`)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1'),
  })
}

export function listOf<T extends z.ZodType>(item: T, maxEntries: number, what: string) {
  return z.array(item, { error: `a list of ${what}` }).max(maxEntries, { error: `at most ${maxEntries} ${what}` })
}

export function table<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, { error: 'a table' })
}

/** A key of the schema whose feature comes later: refused when it is present and of the right type. */
export function later<T extends z.ZodType>(field: T, comesWith: string) {
  return laterWhen(field, () => true, comesWith)
}

/** A field of which some values come later. */
export function laterWhen<T extends z.ZodType>(field: T, isLater: (value: z.output<T>) => boolean, comesWith: string) {
  return field.superRefine((value, context) => {
    if (!isLater(value)) return
    const message = `${notYetSupported}: it comes with ${comesWith}`
    context.addIssue({ code: 'custom', message, params: { refusal: true } })
  })
}
