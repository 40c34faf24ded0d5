import { Secret } from '../../lib/secret.ts'
import { accept, refine, refuse, type Kind, type Parsed, type RawValue } from '../kind.ts'

/** A string; numbers and booleans of a file count as their spelling. Unset = empty. */
export const text: Kind<string> = {
  type: 'string',
  flag: 'value',
  secret: false,
  schema: { type: 'string' },
  parse(raw) {
    if (isList(raw)) return refuse('must be one value, not a list', 'give a single string')
    return accept(String(raw))
  },
}

/** A string that never prints itself. Unset = an empty secret. */
export const secret: Kind<Secret> = {
  ...refine(text, { type: 'secret' }, (value) => accept(new Secret(value))),
  secret: true,
}

/** An identifier or secret that someone else hands out: an example's placeholder is refused. */
export const clientId: Kind<string> = refine(text, {}, (value) =>
  isPlaceholder(value) ? refusePlaceholder('copy it from your provider') : accept(value),
)

export const clientSecret: Kind<Secret> = refine(secret, {}, (value) =>
  isPlaceholder(value.reveal()) ? refusePlaceholder('copy it from your provider') : accept(value),
)

/** A signed token (RFC 7515, compact form). */
export const jwt: Kind<Secret> = refine(secret, {}, (value) =>
  /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value.reveal())
    ? accept(value)
    : refuse('is no signed JWT', 'project a service account token with an audience of its own'),
)

/** One of a closed list, spelt exactly. */
export function enumeration<const T extends string>(values: readonly T[]): Kind<T> {
  const list = values.map((value) => (value === '' ? "'' (empty)" : value)).join(', ')
  return refine(text, { type: 'string', schema: { enum: values } }, (value) => {
    const known = values.find((candidate) => candidate === value)
    return known === undefined
      ? refuse(`is none of: ${list}`, 'use one of these, in this spelling')
      : accept(known)
  })
}

export function isList(raw: RawValue): raw is Extract<RawValue, readonly unknown[]> {
  return Array.isArray(raw)
}

/** `{SOME_NAME}`, `${SOME_NAME}` or `<some name>`: nobody filled it in. */
export function isPlaceholder(value: string): boolean {
  return /^(\$?\{+[^{}]*\}+|<[^<>]*>)$/.test(value.trim())
}

export function refusePlaceholder(fix: string): Parsed<never> {
  return refuse('is still the placeholder of an example', fix)
}
