// How `sallyport doctor` learns what a front received: it sends a probe through the gateway, and the
// front's answer carries a report. Both are sealed with keys of the cookie secret: a stranger can
// neither ask for a report nor read one, and an old probe is no probe.
import { randomBytes } from 'node:crypto'
import { header, type HttpAnswer, type RawRequest } from '../core/http.ts'
import type { FrontName } from '../core/auth-request.ts'
import type { ProbeReport } from '../core/probe-report.ts'
import type { FrontRead } from '../fronts/front.ts'
import type { Clock } from '../lib/clock.ts'
import { createSealer } from '../lib/sealer.ts'
import type { Secret } from '../lib/secret.ts'

/** The probe travels three ways at once: which of them arrive is part of the diagnosis. */
export const probeHeader = 'x-sallyport-probe'
export const probeCookie = 'sallyport-probe'
export const probeParameter = 'sallyport-probe'

/**
 * Of the ways back through a gateway only this one is passed on by all: nginx relays no body, no
 * other header and no status but 401 and 403.
 */
const scheme = 'Sallyport-Probe'

/** Milliseconds. The clocks of the doctor and of Sallyport need not agree exactly. */
const validMs = 5 * 60_000
const maxTokenLength = 200
const maxUrlLength = 200
/** The head of the answer must fit into nginx' 4 KiB. */
const maxHeaderNamesLength = 900

export interface DoctorProbeOptions {
  readonly cookie_secret: readonly Secret[]
}

export interface DoctorProbe {
  readonly token: string
  /** Undefined when the answer to this probe carries no report of ours. */
  readReport(wwwAuthenticate: string): ProbeReport | undefined
}

export interface DoctorProbes {
  /** For the doctor. */
  begin(): DoctorProbe
  /** For the checks: the answer that a probe gets in place of a decision; undefined = no probe. */
  answer(front: FrontName, raw: RawRequest, read: FrontRead): HttpAnswer | undefined
}

export function createDoctorProbes({
  options,
  clock,
}: {
  readonly options: DoctorProbeOptions
  readonly clock: Clock
}): DoctorProbes {
  const secrets = options.cookie_secret.map((secret) => secret.reveal())
  const tokens = createSealer(secrets, 'probe')
  const reports = createSealer(secrets, 'probe-report')

  /** The report of one probe cannot be shown as that of another. */
  function idOf(token: string): string | undefined {
    if (token.length > maxTokenLength) return undefined
    const opened = tokens.open(token, '')
    if (opened === undefined) return undefined
    const [time = '', id = ''] = opened.toString().split(' ')
    return Math.abs(clock.now() - Number(time)) <= validMs ? id : undefined
  }

  return {
    begin() {
      const id = randomBytes(8).toString('hex')
      return {
        token: tokens.seal(Buffer.from(`${clock.now()} ${id}`), ''),
        readReport(wwwAuthenticate) {
          const [, sealed = ''] =
            new RegExp(`${scheme} report="([\\w-]+)"`).exec(wwwAuthenticate) ?? []
          const opened = sealed === '' ? undefined : reports.open(sealed, id)
          return opened && (JSON.parse(opened.toString()) as ProbeReport)
        },
      }
    },
    answer(front, raw, read) {
      const found = findTokens(raw, read)
      const token = found.header ?? found.query ?? found.cookie
      const id = token === undefined ? undefined : idOf(token)
      if (id === undefined) return undefined
      const report = Buffer.from(JSON.stringify(makeReport(front, raw, read, found)))
      return {
        status: 401,
        headers: {
          'cache-control': 'no-store',
          'www-authenticate': `${scheme} report="${reports.seal(report, id)}"`,
        },
        cookies: [],
        body: '',
      }
    },
  }
}

type Ways = Readonly<Record<keyof ProbeReport['arrived'], string | undefined>>

function findTokens(raw: RawRequest, read: FrontRead): Ways {
  const uri = read.ok ? read.request.uri : raw.url
  return {
    header: header(raw.headers, probeHeader),
    cookie: valueAfter(header(raw.headers, 'cookie'), `${probeCookie}=`),
    query: valueAfter(uri, `${probeParameter}=`),
  }
}

function valueAfter(text: string | undefined, mark: string): string | undefined {
  const at = text?.indexOf(mark) ?? -1
  return at === -1 ? undefined : /^[\w-]*/.exec(text?.slice(at + mark.length) ?? '')?.[0]
}

function makeReport(
  front: FrontName,
  { url, peer, headers }: RawRequest,
  read: FrontRead,
  { header: inHeader, cookie, query }: Ways,
): ProbeReport {
  const arrived = {
    header: inHeader !== undefined,
    cookie: cookie !== undefined,
    query: query !== undefined,
  }
  const said = {
    front,
    checkUrl: url.slice(0, maxUrlLength),
    peer,
    arrived,
    headers: namesThatFit(Object.keys(headers)),
  }
  if (!read.ok) return { ...said, refusal: read.message }
  const { method, scheme: requestScheme, host, uri, clientIp, canRedirect } = read.request
  const request = {
    method,
    scheme: requestScheme,
    host,
    uri: uri.slice(0, maxUrlLength + maxTokenLength),
    clientIp,
    canRedirect,
  }
  return { ...said, request }
}

function namesThatFit(names: readonly string[]): readonly string[] {
  const fitting: string[] = []
  let length = 0
  for (const name of names.toSorted()) {
    length += name.length + 3
    if (length > maxHeaderNamesLength) break
    fitting.push(name)
  }
  return fitting
}
