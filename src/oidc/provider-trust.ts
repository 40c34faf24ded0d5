// Whose certificates the provider may have, and the proxy on the way to it: the only home of undici.
import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import type { Dispatcher } from 'undici'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { proxyFromEnvironment, type Environment } from '../lib/proxy-from-environment.ts'
import { watchFiles } from '../lib/watched-files.ts'

export interface ProviderTrustOptions {
  /** PEM; instead of the certificates that Node.js trusts. */
  readonly provider_ca_files: readonly string[]
  /** Those of the operating system and of Node.js as well. */
  readonly use_system_trust_store: boolean
  /** Any certificate will do. */
  readonly ssl_insecure_skip_verify: boolean
}

/** As the global `fetch`, for https and http. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

export interface ProviderTrust {
  readonly fetch: Fetch
  /** Stops looking at the files. */
  close(): void
}

/** The ways to the provider with one set of certificates. */
interface Ways {
  dispatcher(url: string): Dispatcher
  close(): void
}

/**
 * How servers at the provider are asked: with the global `fetch`, unless the options say whom to
 * trust or the environment names a proxy. Throws an Error for the operator when a file or a proxy
 * cannot be used at the start; what becomes of a file later is told once in the log, and the
 * certificates of before stay trusted.
 */
export async function createProviderTrust(deps: {
  readonly options: ProviderTrustOptions
  readonly environment: Environment
  readonly log: Log
}): Promise<ProviderTrust> {
  const { options, log } = deps
  const { provider_ca_files: paths, use_system_trust_store, ssl_insecure_skip_verify } = options
  const proxyFor = proxyFromEnvironment(deps.environment)
  const isTrustDefault = paths.length === 0 && !use_system_trust_store && !ssl_insecure_skip_verify
  if (isTrustDefault && !proxyFor) return { fetch: (url, init) => fetch(url, init), close() {} }

  // What few need costs the others no time at the start. The global fetch is the same undici, but
  // takes no certificates.
  const undici = await import('undici')

  function trust(files: readonly Buffer[]) {
    if (isTrustDefault) return {}
    if (ssl_insecure_skip_verify) return { rejectUnauthorized: false }
    return { ca: [...(use_system_trust_store ? systemCertificates() : []), ...files.map(toPem)] }
  }

  function connect(files: readonly Buffer[]): Ways {
    const tls = trust(files)
    const direct = new undici.Agent({ connect: tls })
    const proxied = new Map<string, Dispatcher>()
    function through(uri: string): Dispatcher {
      // A tunnel only where TLS needs one: many a proxy allows no other.
      const tunnels = { requestTls: tls, proxyTls: tls, proxyTunnel: false }
      const agent = proxied.get(uri) ?? new undici.ProxyAgent({ uri, ...tunnels })
      proxied.set(uri, agent)
      return agent
    }
    return {
      dispatcher(url) {
        const proxy = proxyFor?.(url)
        return proxy ? through(proxy.href) : direct
      },
      close() {
        for (const agent of [direct, ...proxied.values()]) void agent.close()
      },
    }
  }

  function watch() {
    return watchFiles({
      paths: ssl_insecure_skip_verify ? [] : paths,
      read: connect,
      onChange(_ways, previous) {
        log.info('provider_ca_files reloaded')
        previous.close()
      },
      onFault: (error) =>
        log.error('provider_ca_files kept as they were: one cannot be used', {
          cause: describeError(error),
        }),
    })
  }

  try {
    const ways = watch()
    const ask = undici.fetch as unknown as (
      url: string,
      init: Omit<RequestInit, 'dispatcher'> & { readonly dispatcher: Dispatcher },
    ) => Promise<Response>
    return {
      fetch: (url, init) => ask(url, { ...init, dispatcher: ways.current().dispatcher(url) }),
      close() {
        ways.close()
        ways.current().close()
      },
    }
  } catch (error) {
    throw new Error('provider_ca_files cannot be used', { cause: error })
  }
}

function systemCertificates(): readonly string[] {
  return [...getCACertificates('default'), ...getCACertificates('system')]
}

/** What is no certificate is otherwise passed over in silence. */
function toPem(content: Buffer): string {
  void new X509Certificate(content)
  return content.toString()
}
