import { accept, refine, refuse, type Kind } from '../kind.ts'
import { formatDuration, parseGoDuration } from '../duration.ts'
import { isList } from './text.ts'

const truths = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const falsehoods = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** A boolean, or a string that Go's `strconv.ParseBool` takes; of a number: is it not zero? */
export const boolean: Kind<boolean> = {
  type: 'boolean',
  flag: 'switch',
  secret: false,
  schema: { type: 'boolean' },
  parse(raw) {
    if (typeof raw === 'boolean') return accept(raw)
    if (typeof raw === 'number' || typeof raw === 'bigint') return accept(Number(raw) !== 0)
    if (raw === '' || (!isList(raw) && falsehoods.has(raw))) return accept(false)
    if (!isList(raw) && truths.has(raw)) return accept(true)
    return refuse('is not a boolean', 'use true or false')
  },
}

/** A whole number; strings may be hexadecimal, octal or binary (`0x`, `0o`, `0b`). */
export const integer: Kind<number> = {
  type: 'integer',
  flag: 'value',
  secret: false,
  schema: { type: 'integer', minimum: 0 },
  parse(raw) {
    const value = toNumber(raw)
    return Number.isSafeInteger(value) && value >= 0
      ? accept(value)
      : refuse('is not a whole number from 0 up', 'write it in digits')
  },
}

/** As `integer`, but zero would mean that nothing fits. */
export const positiveInteger: Kind<number> = refine(
  integer,
  { schema: { type: 'integer', minimum: 1 } },
  (value) => (value > 0 ? accept(value) : refuse('must be more than zero', 'write for example 64')),
)

/** Milliseconds, from Go's spelling (`1h30m`); a bare number in a file means nanoseconds. */
export const duration: Kind<number> = {
  type: 'duration',
  flag: 'value',
  secret: false,
  schema: { type: ['string', 'integer'] },
  parse(raw) {
    if (typeof raw === 'number' || typeof raw === 'bigint') return fromNanoseconds(Number(raw))
    const ms = typeof raw === 'string' ? parseGoDuration(raw) : undefined
    if (ms === undefined) {
      return refuse(
        'is not a duration',
        'write a number with its unit: 500ms, 30s, 15m, 1h30m, 168h',
      )
    }
    return ms < 0 ? refuse('is negative', 'use 0s or a positive duration') : accept(wholeMs(ms))
  },
}

/** As `duration`, but zero would mean that nothing ever gets through. */
export const positiveDuration: Kind<number> = refine(duration, {}, (ms) =>
  ms > 0 ? accept(ms) : refuse('must be longer than zero', 'write for example 10s'),
)

function fromNanoseconds(nanoseconds: number): ReturnType<typeof duration.parse> {
  if (nanoseconds < 0) return refuse('is negative', 'use 0s or a positive duration')
  const ms = wholeMs(nanoseconds / 1e6)
  if (nanoseconds === 0 || nanoseconds >= 1e6) return accept(ms)
  const problem = `is a bare number, which means nanoseconds, and counts as ${formatDuration(ms)}`
  return accept(ms, [{ problem, fix: 'write the unit in a string, for example "60s"' }])
}

/** Timers know no less than a millisecond, and a shorter duration must not turn into "off". */
function wholeMs(ms: number): number {
  return ms > 0 ? Math.max(1, Math.round(ms)) : 0
}

function toNumber(raw: unknown): number {
  if (typeof raw === 'number' || typeof raw === 'bigint') return Number(raw)
  return typeof raw === 'string' && /^(\d+|0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.test(raw)
    ? Number(raw)
    : Number.NaN
}
