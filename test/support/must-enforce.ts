/** `MCPO_MUST_ENFORCE=1`, which CI sets: a test that this machine cannot run fails there. */

export const mustEnforce = process.env['MCPO_MUST_ENFORCE'] === '1'

/** Options for a test that needs what not every machine has: without it, it is skipped, and fails where it must not be. */
export function where(possible: boolean, needed: string): { skip?: string } {
  return possible || mustEnforce ? {} : { skip: needed }
}

/** For all of a `*.root.test.ts`, which the run of an ordinary user leaves out. */
export const asRoot = where(process.getuid?.() === 0, 'takes root')
