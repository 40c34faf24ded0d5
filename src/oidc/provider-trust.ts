// Whose certificates the provider may have: the only home of undici.
import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import type { Agent } from 'undici'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
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

/**
 * How servers at the provider are asked: with the global `fetch`, unless the options say whom to
 * trust. Throws an Error for the operator when a file cannot be used at the start; later that is
 * told once in the log, and the certificates of before stay trusted.
 */
export async function createProviderTrust(deps: {
  readonly options: ProviderTrustOptions
  readonly log: Log
}): Promise<ProviderTrust> {
  const { options, log } = deps
  const { provider_ca_files: paths, use_system_trust_store, ssl_insecure_skip_verify } = options
  const isDefault = paths.length === 0 && !use_system_trust_store && !ssl_insecure_skip_verify
  if (isDefault) return { fetch: (url, init) => fetch(url, init), close() {} }

  // What few need costs the others no time at the start. The global fetch is the same undici, but
  // takes no certificates.
  const undici = await import('undici')

  function connect(files: readonly Buffer[]): Agent {
    if (ssl_insecure_skip_verify)
      return new undici.Agent({ connect: { rejectUnauthorized: false } })
    return new undici.Agent({
      connect: {
        ca: [...(use_system_trust_store ? systemCertificates() : []), ...files.map(toPem)],
      },
    })
  }

  function watch() {
    return watchFiles({
      paths: ssl_insecure_skip_verify ? [] : paths,
      read: connect,
      onChange(_agent, previous) {
        log.info('provider_ca_files reloaded')
        void previous.close()
      },
      onFault: (error) =>
        log.error('provider_ca_files kept as they were: one cannot be used', {
          cause: describeError(error),
        }),
    })
  }

  try {
    const agent = watch()
    const ask = undici.fetch as unknown as (
      url: string,
      init: Omit<RequestInit, 'dispatcher'> & { readonly dispatcher: Agent },
    ) => Promise<Response>
    return {
      fetch: (url, init) => ask(url, { ...init, dispatcher: agent.current() }),
      close() {
        agent.close()
        void agent.current().close()
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
