/** What `npm install` and `npx` need: metadata and archives of packages. */
export const npm = ['registry.npmjs.org:443'] as const
