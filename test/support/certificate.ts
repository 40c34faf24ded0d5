import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Cleanup } from './cleanup.ts'
import { temporaryFolder } from './process.ts'

/** A certificate that nobody signed but itself, for a name or an address, and its key, both PEM. */
export function selfSigned(
  t: Cleanup,
  name: string,
): Readonly<Record<'key' | 'cert' | 'keyPath' | 'certPath', string>> {
  const folder = temporaryFolder(t)
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = [
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=${isIP(name) ? 'IP' : 'DNS'}:${name}`,
  ]
  const files = ['-keyout', keyPath, '-out', certPath]
  execFileSync('openssl', ['req', ...kind, ...names, ...files], { stdio: 'ignore' })
  const [key, cert] = [readFileSync(keyPath, 'utf8'), readFileSync(certPath, 'utf8')]
  return { key, cert, keyPath, certPath }
}
