import type { TestContext } from 'node:test'
import { createApp, type App } from '../../src/app.ts'
import { formatFindings } from '../../src/config/finding.ts'
import { loadOptions } from '../../src/config/load.ts'
import type { Options } from '../../src/config/options.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'

export const requiredFlags = [
  '--provider=oidc',
  '--oidc-issuer-url=http://127.0.0.1:1',
  '--client-id=client',
  '--client-secret=client-secret-value',
  '--cookie-secret=0123456789abcdef0123456789abcdef',
  '--email-domain=*',
  '--cookie-secure=false',
  '--http-address=127.0.0.1:0',
]

/** Options as the command line gives them; later flags win over the required ones. */
export function loadFlags(flags: readonly string[]): Options {
  const names = new Set(flags.map((flag) => flag.split('=')[0]))
  const defaults = requiredFlags.filter((flag) => !names.has(flag.split('=')[0]))
  const loaded = loadOptions({
    argv: [...defaults, ...flags],
    env: {},
    readFile: () => {
      throw new Error('no file is expected here')
    },
  })
  if (!loaded.ok) throw new Error(formatFindings(loaded.findings))
  return loaded.options
}

export interface TestApp extends App {
  /** Log lines so far, parsed. */
  logs(): readonly Readonly<Record<string, unknown>>[]
  logText(): string
}

/** The whole service in this process, without a port until `listen()`; closed by the test. */
export async function buildApp(
  t: TestContext,
  flags: readonly string[] = [],
  clock: Clock = systemClock,
): Promise<TestApp> {
  let text = ''
  const lines = {
    write(line: string) {
      text += line
    },
    drained: () => Promise.resolve(),
  }
  const app = await createApp({ options: loadFlags(flags), version: 'test', clock, lines })
  t.after(() => app.close())
  return {
    ...app,
    logText: () => text,
    logs: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
  }
}
