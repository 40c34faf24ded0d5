import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cleanup } from './cleanup.ts'
import { startProcess, temporaryFolder } from './process.ts'

/** What a CA of the test's own signed: a certificate of 127.0.0.1 and localhost, and a client's. */
export interface RedisCertificates {
  readonly caPath: string
  readonly clientCertPath: string
  readonly clientKeyPath: string
  /** The client's, for `tls.connect`. */
  readonly client: { readonly ca: string; readonly cert: string; readonly key: string }
  /** Of redis.conf and sentinel.conf: TLS, with clients that must show a certificate. */
  readonly settings: readonly (readonly [name: string, value: string])[]
}

export async function makeRedisCertificates(t: Cleanup): Promise<RedisCertificates> {
  const folder = temporaryFolder(t)
  const openssl = async (args: string) => {
    const running = startProcess(t, 'openssl', args.split(' '), { cwd: folder })
    if ((await running.exited) !== 0) throw new Error(running.output())
  }
  writeFileSync(join(folder, 'names.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  const newKey = 'req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  await openssl(`${newKey} -x509 -subj /CN=test-ca -keyout ca.key -out ca.pem`)
  for (const name of ['redis', 'client']) {
    await openssl(`${newKey} -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`)
    await openssl(
      `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial` +
        ` -extfile names.cnf -out ${name}.pem`,
    )
  }
  const file = (name: string) => join(folder, name)
  const read = (name: string) => readFileSync(file(name), 'utf8')
  return {
    caPath: file('ca.pem'),
    clientCertPath: file('client.pem'),
    clientKeyPath: file('client.key'),
    client: { ca: read('ca.pem'), cert: read('client.pem'), key: read('client.key') },
    settings: [
      ['tls-cert-file', file('redis.pem')],
      ['tls-key-file', file('redis.key')],
      ['tls-ca-cert-file', file('ca.pem')],
      ['tls-auth-clients', 'yes'],
      // Between servers, too.
      ['tls-replication', 'yes'],
      ['tls-cluster', 'yes'],
    ],
  }
}

/** What Sallyport is told of them. */
export function redisTlsOptions({ caPath, clientCertPath, clientKeyPath }: RedisCertificates) {
  return {
    redis_ca_path: caPath,
    redis_client_cert_path: clientCertPath,
    redis_client_key_path: clientKeyPath,
  }
}
