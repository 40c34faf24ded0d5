// What the doctor sees: the answers to its probes, and where a person without a session is led.
import {
  probeCookie,
  probeHeader,
  probeParameter,
  type DoctorProbes,
} from '../../auth/doctor-probe.ts'
import type { ProbeReport } from '../../core/probe-report.ts'
import type { Ask, Reply } from './ask.ts'

export interface Probed {
  readonly reply: Reply
  /** The request target that was asked for. */
  readonly uri: string
  readonly method: string
  readonly report: ProbeReport | undefined
}

export interface Observations {
  readonly url: URL
  readonly probed: Probed
  /** The same with another method; only when Sallyport answers, so that no app gets it. */
  readonly otherMethod: Probed | undefined
  /** The answers on the way from the app to the provider. */
  readonly hops: readonly Reply[]
}

const maxHops = 8

export async function observe(
  url: URL,
  { ask, probes }: { readonly ask: Ask; readonly probes: Pick<DoctorProbes, 'begin'> },
): Promise<Observations> {
  async function probe(method: string): Promise<Probed> {
    const { token, readReport } = probes.begin()
    const probeUrl = new URL(url)
    probeUrl.searchParams.set(probeParameter, token)
    const headers = { [probeHeader]: token, cookie: `${probeCookie}=${token}` }
    const reply = await ask(probeUrl, { method, headers })
    const uri = `${probeUrl.pathname}${probeUrl.search}`
    return { reply, uri, method, report: readReport(reply.wwwAuthenticate) }
  }

  const probed = await probe('GET')
  const otherMethod = probed.report === undefined ? undefined : await probe('PUT')
  return { url, probed, otherMethod, hops: await follow(url, ask) }
}

/** As far as the provider, whom nobody asks: its sign-in is none of the doctor's business. */
async function follow(start: URL, ask: Ask): Promise<readonly Reply[]> {
  const hops: Reply[] = []
  let next: URL | undefined = start
  while (next !== undefined && hops.length < maxHops) {
    const reply = await ask(next)
    hops.push(reply)
    next = nextOf(reply)
  }
  return hops
}

function nextOf({ url, status, location }: Reply): URL | undefined {
  if (status < 300 || status > 399 || !URL.canParse(location, url.href)) return undefined
  const next = new URL(location, url)
  return isAuthorizationRequest(next) ? undefined : next
}

/** RFC 6749 4.1.1. */
export function isAuthorizationRequest(url: URL): boolean {
  return url.searchParams.has('response_type') && url.searchParams.has('client_id')
}
