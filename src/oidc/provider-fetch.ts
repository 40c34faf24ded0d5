// The one way to the provider: bounded in time and size, no redirects, every outage an `Unavailable`.
import type { CustomFetchOptions } from 'openid-client'
import type { Fetch } from './provider-trust.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { ObserveCall } from '../core/events.ts'
import { secondsSince } from '../lib/clock.ts'

export interface ProviderFetchOptions {
  /** Milliseconds for one call, body included. */
  readonly provider_timeout: number
}

/** What a call is for: names it in metrics and messages. */
export type ProviderCall = 'discovery' | 'keys' | 'token' | 'userinfo'

/**
 * Answers that the provider itself gave: JSON (or a JWT) with a status below 500, redirects and 429
 * excluded. Anything else throws `Unavailable`: it is an outage, or something in between that answers.
 */
export type ProviderFetch = (
  call: ProviderCall,
  url: string,
  init: Pick<CustomFetchOptions, 'method' | 'headers' | 'body'>,
) => Promise<Response>

const limitBytes = 1024 * 1024

export function createProviderFetch(deps: {
  readonly options: ProviderFetchOptions
  readonly observe: ObserveCall
  /** Absent = the global one. */
  readonly fetch?: Fetch
}): ProviderFetch {
  const timeoutMs = Math.ceil(deps.options.provider_timeout)
  const ask: Fetch = deps.fetch ?? ((url, init) => fetch(url, init))

  return async (call, url, { method, headers, body }) => {
    const started = process.hrtime.bigint()
    let result: 'ok' | 'error' = 'error'
    try {
      const init = { method, headers, body: body ?? null, redirect: 'manual' } as const
      const signal = AbortSignal.timeout(timeoutMs)
      const answer = await readAnswer(call, await ask(url, { ...init, signal }))
      result = 'ok'
      return answer
    } catch (error) {
      const retryAfterMs = error instanceof OutageAnswer ? error.retryAfterMs : undefined
      const message = `${call}: ${addressOf(url)}: ${causeOf(error)}`
      throw new Unavailable('provider', message, { retryAfterMs })
    } finally {
      deps.observe(call, result, secondsSince(started))
    }
  }
}

class OutageAnswer extends Error {
  readonly retryAfterMs: number | undefined

  constructor(status: number, retryAfterMs: number | undefined) {
    super(`status ${status}`)
    this.retryAfterMs = retryAfterMs
  }
}

/** For a rate limit that does not say how long it lasts. */
const rateLimitMs = 10_000

/** Seconds or a date (RFC 9110 10.2.3), which is taken by the clock of whoever wrote it. */
function retryAfterMs(status: number, headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? ''
  const ms = /^\d+$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.parse(headers.get('date') ?? '')
  if (Number.isFinite(ms)) return Math.max(0, ms)
  return status === 429 ? rateLimitMs : undefined
}

async function readAnswer(call: ProviderCall, response: Response): Promise<Response> {
  const { status, headers } = response
  if ((status >= 300 && status < 400) || status === 429 || status >= 500) {
    await response.body?.cancel()
    throw new OutageAnswer(status, retryAfterMs(status, headers))
  }
  const body = await readBody(response)
  const mayBeJwt = call === 'userinfo' && isJwt(headers)
  if (!mayBeJwt && !isJson(body)) throw new Error(`status ${status}, the body is not JSON`)
  return new Response(body, { status, headers })
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  const body: AsyncIterable<Uint8Array> | null = response.body
  for await (const chunk of body ?? []) {
    size += chunk.length
    // Leaving the loop cancels the rest.
    if (size > limitBytes) throw new Error(`more than ${limitBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function isJwt(headers: Headers): boolean {
  return headers.get('content-type')?.split(';')[0] === 'application/jwt'
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body)
    return true
  } catch {
    return false
  }
}

function addressOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/** fetch hides the cause: `fetch failed`, and for a name with two addresses not even a message. */
function causeOf(error: unknown): string {
  const { cause } = error as Error
  const isCoded = cause instanceof Error && 'code' in cause && cause.message === ''
  return isCoded ? String(cause.code) : describeError(error)
}
