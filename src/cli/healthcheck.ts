import { once } from 'node:events'
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { parseGoDuration } from '../config/duration.ts'
import { formatFindings } from '../config/finding.ts'
import type { ListenAddress } from '../config/kinds/network.ts'
import { loadProbeOptions, type LoadInputs, type ProbeOptions } from '../config/load.ts'
import { describeError } from '../core/errors.ts'
import { takeFlag } from './take-flag.ts'

const usage = `usage: sallyport healthcheck [--timeout=3s] [flags of serve]
       sallyport healthcheck [--timeout=3s] --url=https://...`

/**
 * `sallyport healthcheck`: is the Sallyport of this configuration ready? Asks the address that it
 * listens on (with `--url` that URL and no configuration) for no longer than `--timeout`. What is
 * not said is the default, so an image can ask `127.0.0.1:4180` without knowing its configuration.
 * Returns the exit code: 0 for an answer 200, 1 for any other or none, 2 for a wrong command line.
 */
export async function healthcheck({
  print,
  ...inputs
}: LoadInputs & { readonly print: (text: string) => void }): Promise<number> {
  const { value: timeout = '3s', ...withoutTimeout } = takeFlag(inputs.argv, '--timeout')
  const { value: url, rest } = takeFlag(withoutTimeout.rest, '--url')
  const timeoutMs = parseGoDuration(timeout) ?? 0
  const isUrlAlone = url === undefined || (/^https?:\/\/\S/.test(url) && rest.length === 0)
  if (timeoutMs <= 0 || !isUrlAlone) {
    print(usage)
    return 2
  }
  try {
    const { status, body } = await ask(url ?? configured({ ...inputs, argv: rest }), timeoutMs)
    print(status === 200 ? 'ready' : `not ready: ${status} ${body.slice(0, 200)}`)
    return status === 200 ? 0 : 1
  } catch (error) {
    print(`not ready: ${describeError(error)}`)
    return 1
  }
}

/** Throws an Error for the operator when the configuration says nothing that can be asked. */
function configured(inputs: LoadInputs): RequestOptions {
  const loaded = loadProbeOptions(inputs)
  if (!loaded.ok) throw new Error(formatFindings(loaded.findings))
  return probeRequest(loaded.options)
}

/** The request that a probe of this configuration makes; throws when there is none. */
export function probeRequest({
  http_address,
  https_address,
  tls_cert_file,
  ready_path,
  ping_path,
  ping_user_agent,
}: ProbeOptions): RequestOptions {
  const path = ready_path || ping_path
  if (path === '') throw new Error('ready_path and ping_path are empty: nothing can be asked')
  const secure = tls_cert_file === '' ? undefined : https_address
  const headers = { host: 'localhost', 'user-agent': ping_user_agent || 'sallyport-healthcheck' }
  const protocol = secure ? 'https:' : 'http:'
  return { protocol, ...whereTo(secure ?? http_address), path, headers }
}

function whereTo(address: ListenAddress): RequestOptions {
  if (address.kind === 'unix') return { socketPath: address.path }
  const { host, port } = address
  if (port === 0) throw new Error('it listens on port 0: nobody knows which port that became')
  if (host === '' || host === '0.0.0.0') return { host: '127.0.0.1', port }
  return { host: host === '::' ? '::1' : host, port }
}

/** Rejects when no whole answer came in time. */
async function ask(
  target: string | RequestOptions,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  const { protocol } = typeof target === 'string' ? new URL(target) : target
  // The certificate is for the name that people use; nothing secret goes this way.
  const options = {
    ...(typeof target === 'string' ? {} : target),
    signal: AbortSignal.timeout(timeoutMs),
    agent: false,
    rejectUnauthorized: false,
  }
  const request = protocol === 'https:' ? requestHttps : requestHttp
  const asked = typeof target === 'string' ? request(target, options) : request(options)
  const [response] = (await once(asked.end(), 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, body: await text(response) }
}
