import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, type Cleanup } from './process.ts'

/** A certificate that nobody signed but itself, and its key, both PEM. */
export function selfSigned(t: Cleanup, name: string): { key: string; cert: string } {
  const folder = temporaryFolder(t)
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  const files = ['-keyout', keyPath, '-out', certPath]
  execFileSync('openssl', ['req', ...kind, ...names, ...files], { stdio: 'ignore' })
  return { key: readFileSync(keyPath, 'utf8'), cert: readFileSync(certPath, 'utf8') }
}
