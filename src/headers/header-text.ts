/** What common servers take in all headers of a message together. */
const limitCharacters = 16_384

/**
 * A value as a header can carry it (SEC-46): beyond ASCII as its UTF-8 bytes, one character each,
 * the way Go programs send them and Node writes them. Undefined for what no header may carry:
 * control characters, spaces at the ends (every reader strips them), a text without end.
 */
export function headerText(value: string): string | undefined {
  if (value.length > limitCharacters || value !== value.trim()) return undefined
  if (/^[ -~]*$/.test(value)) return value
  return /\p{Cc}/u.test(value) ? undefined : Buffer.from(value, 'utf8').toString('latin1')
}
