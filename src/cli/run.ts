// The command line: `sallyport [command] [flags]`; without a command it serves, as oauth2-proxy.
import { readFileSync } from 'node:fs'
import { readSwitches } from '../config/command-line.ts'
import { checkConfig } from './check-config.ts'
import { doctor } from './doctor/doctor.ts'
import { generateSecret } from './generate-secret.ts'
import { healthcheck } from './healthcheck.ts'
import { migrate } from './migrate.ts'
import { printOptions } from './options.ts'

/** Returns the exit code once the command has ended. */
export async function run(args: readonly string[]): Promise<number> {
  const [first = ''] = args
  const command = first.startsWith('-') || first === '' ? 'serve' : first
  const argv = command === first ? args.slice(1) : args
  const print = (text: string) => console.log(text)
  const printError = (text: string) => console.error(text)
  const inputs = { argv, env: process.env, readFile: (path: string) => readFileSync(path, 'utf8') }
  switch (command) {
    case 'serve': {
      const switches = readSwitches(argv)
      if (switches.version) return printVersion(print)
      if (switches.help) return printOptions({ argv: ['--format=help'], print })
      if (switches.configTest) return checkConfig({ ...inputs, print })
      // Loaded late: a health check every few seconds does without what only serving needs.
      const { serve } = await import('./serve.ts')
      return serve({ ...inputs, version: version() })
    }
    case 'check-config':
      return checkConfig({ ...inputs, print })
    case 'doctor':
      return doctor({ ...inputs, print })
    case 'healthcheck':
      return healthcheck({ ...inputs, print })
    case 'generate-secret':
      return generateSecret({ print })
    case 'migrate':
      return migrate({ ...inputs, print, printError })
    case 'options':
      return printOptions({ argv, print })
    case 'sessions': {
      const { sessions } = await import('./sessions.ts')
      return sessions({ ...inputs, print, printError })
    }
    case 'version':
      return printVersion(print)
    case 'help':
      return printOptions({ argv: ['--format=help'], print })
    default:
      console.error(
        `sallyport: unknown command ${command}; known: serve, check-config, doctor, healthcheck, ` +
          'generate-secret, migrate, options, sessions, version, help',
      )
      return 2
  }
}

function printVersion(print: (text: string) => void): number {
  print(`sallyport ${version()}`)
  return 0
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
