/** Certificates of an authority that nobody knows, made with openssl in a folder of the test's own. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

export interface Certificate {
  readonly cert: Buffer
  readonly key: Buffer
}

export interface Authority {
  /** Path of its own certificate. */
  readonly caPath: string
  /** A certificate for a host name, good for a day. */
  issue(name: string): Certificate
}

export function authority(t: Test): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-authority-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })
  const create = (name: string): string[] => ['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', path(`${name}.key`)]
  openssl(...create('ca'), '-x509', '-days', '1', '-subj', '/CN=an authority of a test', '-out', path('ca.pem'))
  const issue = (name: string): Certificate => {
    openssl(...create(name), '-subj', `/CN=${name}`, '-out', path('request'))
    writeFileSync(path('extensions'), `subjectAltName=DNS:${name}`)
    const signer = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-days', '1']
    openssl(
      'x509',
      '-req',
      '-in',
      path('request'),
      ...signer,
      '-extfile',
      path('extensions'),
      '-out',
      path(`${name}.pem`),
    )
    return { cert: readFileSync(path(`${name}.pem`)), key: readFileSync(path(`${name}.key`)) }
  }
  return { caPath: path('ca.pem'), issue }
}
