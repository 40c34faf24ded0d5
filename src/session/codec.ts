// A session as bytes: format (1 byte), encoding (1 byte), then JSON in UTF-8, for cookies deflated
// (RFC 1951) when that is shorter. Empty and zero values are left out:
//
//   { "i": id, "u": user, "e": email, "g": groups, "p": preferred username,
//     "at": access token, "it": ID token, "rt": refresh token,
//     "s": provider sid, "ba": browser's address, "ua": its user agent,
//     "c": createdAt, "n": generation, "r": refreshedAt, "x": expiresAt, "tx": tokenExpiresAt,
//     "ix": idTokenExpiresAt, "a": activeAt (absent = refreshedAt) }
//
// Fields may be added: readers pass over what they do not know.
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Session } from '../core/session.ts'

const format = 1
const encoding = { plain: 0, deflated: 1 } as const
/** Far above any real session: bounds what a small input can inflate to. */
const maxJsonBytes = 256 * 1024

/**
 * `isForCookie`: every byte travels with each request, so it is worth the time; in a store it is
 * not. Throws a RangeError for a session that no reader would accept.
 */
export function encodeSession(session: Session, isForCookie: boolean): Buffer {
  const json = Buffer.from(JSON.stringify(pack(session)))
  if (json.length > maxJsonBytes) {
    throw new RangeError(`a session of ${json.length} bytes exceeds ${maxJsonBytes}`)
  }
  const deflated = isForCookie ? deflateRawSync(json) : json
  return deflated.length < json.length
    ? Buffer.concat([Uint8Array.of(format, encoding.deflated), deflated])
    : Buffer.concat([Uint8Array.of(format, encoding.plain), json])
}

/** Undefined for another format, a broken shape, or more than fits. Never throws. */
export function decodeSession(bytes: Uint8Array): Session | undefined {
  if (bytes[0] !== format) return undefined
  try {
    const json = readJson(bytes[1], bytes.subarray(2))
    return json && unpack(JSON.parse(json.toString('utf8')))
  } catch {
    return undefined
  }
}

function readJson(encodedAs: number | undefined, body: Uint8Array): Buffer | undefined {
  switch (encodedAs) {
    case encoding.plain:
      return body.length > maxJsonBytes ? undefined : Buffer.from(body)
    case encoding.deflated:
      return inflateRawSync(body, { maxOutputLength: maxJsonBytes })
    default:
      return undefined
  }
}

function pack({ identity, tokens, ...session }: Session) {
  return {
    i: session.id,
    u: identity.user || undefined,
    e: identity.email || undefined,
    g: identity.groups.length > 0 ? identity.groups : undefined,
    p: identity.preferredUsername || undefined,
    at: tokens.accessToken || undefined,
    it: tokens.idToken || undefined,
    rt: tokens.refreshToken || undefined,
    s: session.providerSid || undefined,
    ba: session.browser.address || undefined,
    ua: session.browser.userAgent || undefined,
    c: session.createdAt,
    n: session.generation || undefined,
    r: session.refreshedAt,
    x: session.expiresAt || undefined,
    tx: session.tokenExpiresAt || undefined,
    ix: session.idTokenExpiresAt || undefined,
    a: session.activeAt === session.refreshedAt ? undefined : session.activeAt,
  }
}

function unpack(packed: unknown): Session | undefined {
  if (!isRecord(packed)) return undefined
  const { i: id, u = '', e = '', g = [], p = '', at = '', it = '', rt = '' } = packed
  const { s = '', ba = '', ua = '' } = packed
  const { c, n = 0, r, x = 0, tx = 0, ix = 0, a = r } = packed
  if (!isText(id) || id === '') return undefined
  if (!isText(u) || !isText(e) || !isText(p)) return undefined
  if (!Array.isArray(g) || !g.every(isText)) return undefined
  if (!isText(at) || !isText(it) || !isText(rt)) return undefined
  if (!isText(s) || !isText(ba) || !isText(ua)) return undefined
  if (!isCount(c) || !isCount(n) || !isCount(r) || !isCount(a)) return undefined
  if (!isCount(x) || !isCount(tx) || !isCount(ix)) return undefined
  return {
    id,
    identity: { user: u, email: e, groups: g, preferredUsername: p },
    tokens: { accessToken: at, idToken: it, refreshToken: rt },
    providerSid: s,
    browser: { address: ba, userAgent: ua },
    createdAt: c,
    generation: n,
    refreshedAt: r,
    activeAt: a,
    expiresAt: x,
    tokenExpiresAt: tx,
    idTokenExpiresAt: ix,
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
