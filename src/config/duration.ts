const msPerUnit: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
}

const part = /(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns)/gu
const whole = /^[+-]?((\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns))+$/u

/** Milliseconds of a duration in Go's spelling (`time.ParseDuration`); undefined for other text. */
export function parseGoDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0
  if (!whole.test(text)) return undefined
  let ms = 0
  for (const [, amount, unit] of text.matchAll(part)) {
    ms += Number(amount) * (msPerUnit[unit ?? ''] ?? 0)
  }
  return text.startsWith('-') ? -ms : ms
}

/** The shortest spelling in whole units: `90s` is `1m30s`, `604800000` is `168h`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let rest = ms
  let text = ''
  for (const unit of ['h', 'm', 's', 'ms']) {
    const size = msPerUnit[unit] ?? 1
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}
