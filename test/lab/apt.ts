/**
 * Debian packages of any release, without a trace in the machine's own apt: sources, lists and an empty package state in a
 * folder of ours. Mirror and keyring are the machine's; what is downloaded is verified by apt against the release's signature.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { outputOf } from './command.ts'
import { withScratch } from './scratch.ts'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Which of the packages that an installation would take are wanted. */
export interface Wanted {
  readonly packages: readonly string[]
  readonly only?: RegExp
}

/** Downloads `wanted` with what it depends on, and unpacks it all into `into`. Uses `beside` for what it throws away. */
export async function unpackPackages(release: string, wanted: Wanted, into: string, beside: string): Promise<void> {
  await withScratch({ parent: beside, name: `apt-${release}` }, async (folder) => {
    const apt = await prepareState(folder, release)
    await apt('update')
    const names = (await dependencies(apt, wanted.packages)).filter((name) => wanted.only?.test(name) ?? true)
    await apt('download', ...names)
    const archives = (await readdir(folder)).filter((name) => name.endsWith('.deb'))
    for (const archive of archives) await outputOf('dpkg-deb', ['-x', join(folder, archive), into])
  })
}

type Apt = (...args: readonly string[]) => Promise<string>

async function prepareState(folder: string, release: string): Promise<Apt> {
  const file = (name: string) => join(folder, name)
  for (const name of ['lists/partial', 'archives/partial', 'none']) await mkdir(file(name), { recursive: true })
  await writeFile(file('status'), '')
  await writeFile(file('sources.list'), `deb [signed-by=${keyring}] ${await mirror()} ${release} main\n`)
  const settings = {
    'Dir::Etc::Parts': file('none'),
    'Dir::Etc::Main': '/dev/null',
    'Dir::Etc::SourceList': file('sources.list'),
    'Dir::Etc::SourceParts': file('none'),
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::Etc::PreferencesParts': file('none'),
    'Dir::State::Lists': file('lists'),
    'Dir::State::Status': file('status'),
    'Dir::Cache::Archives': file('archives'),
    'Dir::Cache::PkgCache': '',
    'Dir::Cache::SrcPkgCache': '',
    'Acquire::Languages': 'none',
    'APT::Get::AllowUnauthenticated': 'false',
    'Acquire::AllowInsecureRepositories': 'false',
    'APT::Sandbox::User': 'root',
    'Debug::NoLocking': 'true',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${JSON.stringify(value)};`)
  await writeFile(file('apt.conf'), [...(await waysOut()), ...lines, ''].join('\n'))
  const env = { ...process.env, APT_CONFIG: file('apt.conf'), LC_ALL: 'C' }
  return (...args) => outputOf('apt-get', ['-q', ...args], { env, cwd: folder, timeoutMs: 600_000 })
}

/** Where this machine gets its Debian from; never the place of security updates, which older releases do not have alike. */
async function mirror(): Promise<string> {
  const format = '$(ORIGIN) $(SUITE) $(REPO_URI)'
  const targets = await outputOf('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])
  const lines = targets.split('\n').map((line) => line.split(' '))
  const uri = lines.find(([origin, suite = '']) => origin === 'Debian' && !suite.endsWith('-security'))?.[2]
  if (uri === undefined)
    throw new Error('this machine has no source of Debian packages: the lab needs one (apt-get update)')
  return uri
}

/** Proxies, certificates, and whether dates count: how this machine reaches its mirror. */
async function waysOut(): Promise<string[]> {
  const settings = await outputOf('apt-config', ['dump'])
  return settings.split('\n').filter((line) => /^Acquire::(https?|Check-Valid-Until|Check-Date|Retries)\b/.test(line))
}

/** Names of all that an installation on an empty system would take. */
async function dependencies(apt: Apt, packages: readonly string[]): Promise<string[]> {
  const plan = await apt('install', '--print-uris', '--no-install-recommends', '-y', ...packages)
  const names = [...plan.matchAll(/^'[^']+' ([^_ ]+)_/gm)].map(([, name = '']) => name)
  if (names.length === 0) throw new Error(`apt found nothing to download for ${packages.join(', ')}`)
  return names
}
