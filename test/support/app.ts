import { createApp, type App } from '../../src/app.ts'
import { formatFindings } from '../../src/config/finding.ts'
import { loadOptions } from '../../src/config/load.ts'
import type { Options } from '../../src/config/options.ts'
import type { ReadFile } from '../../src/config/sources/read-text.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import { afterTest, type Cleanup } from './cleanup.ts'

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
  return load([...defaults, ...flags], () => {
    throw new Error('no file is expected here')
  })
}

/** Options as a configuration file gives them; it is the whole configuration. */
export function loadToml(text: string): Options {
  return load(['--config=sallyport.toml'], () => text)
}

function load(argv: readonly string[], readFile: ReadFile): Options {
  const loaded = loadOptions({ argv, env: {}, readFile })
  if (!loaded.ok) throw new Error(formatFindings(loaded.findings))
  return loaded.options
}

export interface TestApp extends App {
  readonly options: Options
  /** Log lines so far, parsed. */
  logs(): readonly Readonly<Record<string, unknown>>[]
  logText(): string
}

/**
 * The whole service in this process, without a port until `listen()`; closed by the test. `config`
 * is flags besides the required ones, or the text of a TOML file.
 */
export async function buildApp(
  t: Cleanup,
  config: readonly string[] | string = [],
  clock: Clock = systemClock,
): Promise<TestApp> {
  const options = typeof config === 'string' ? loadToml(config) : loadFlags(config)
  let text = ''
  const lines = {
    write(line: string) {
      text += line
    },
    drained: () => Promise.resolve(),
  }
  const app = await createApp({ options, version: 'test', clock, lines, environment: {} })
  afterTest(t, async () => {
    // A listener that is gone has no farewell to say, which takes seconds.
    app.server.server.close()
    app.server.server.closeAllConnections()
    await app.close()
  })
  return {
    ...app,
    options,
    logText: () => text,
    logs: () =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
  }
}
