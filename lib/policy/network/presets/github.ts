/**
 * Git over https, the API, raw files, and the archives of releases. Whoever can reach it can also send there: gists, issues, repositories
 * of any account.
 */
export const github = [
  'github.com:443',
  'api.github.com:443',
  'codeload.github.com:443',
  'uploads.github.com:443',
  '*.githubusercontent.com:443',
] as const
