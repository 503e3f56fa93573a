/** Programs of another Debian release, run with that release's own libraries. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where 64-bit libraries lie, with and without a merged /usr. */
const libraryFolders = ['usr/lib/x86_64-linux-gnu', 'lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/pulseaudio']

/** The folders of `tree` in which its libraries are. */
export function librariesOf(tree: string): string[] {
  return libraryFolders.map((folder) => join(tree, folder)).filter(existsSync)
}

export function loaderOf(tree: string): string {
  return find(librariesOf(tree), 'ld-linux-x86-64.so.2')
}

/** Command and first arguments that run `program`, a path below `tree`. */
export function runIn(tree: string, program: string): [string, ...string[]] {
  return [loaderOf(tree), '--library-path', librariesOf(tree).join(':'), join(tree, program)]
}

/** Busybox of the tree, which needs no library. */
export function busyboxOf(tree: string): string {
  return find([join(tree, 'usr/bin'), join(tree, 'bin')], 'busybox')
}

function find(folders: readonly string[], name: string): string {
  const folder = folders.find((each) => existsSync(join(each, name)))
  if (folder === undefined) throw new Error(`there is no ${name} in ${folders.join(', ')}`)
  return join(folder, name)
}
