// The command line: `sallyport [command] [flags]`; without a command it serves, as oauth2-proxy.
import { readFileSync } from 'node:fs'
import { checkConfig } from './check-config.ts'
import { generateSecret } from './generate-secret.ts'
import { printOptions } from './options.ts'
import { serve } from './serve.ts'

/** Returns the exit code once the command has ended. */
export async function run(args: readonly string[]): Promise<number> {
  const [first = ''] = args
  const command = first.startsWith('-') || first === '' ? 'serve' : first
  const argv = command === first ? args.slice(1) : args
  const print = (text: string) => console.log(text)
  const inputs = { argv, env: process.env, readFile: (path: string) => readFileSync(path, 'utf8') }
  switch (command) {
    case 'serve': {
      if (argv.includes('--version')) {
        print(`sallyport ${version()}`)
        return 0
      }
      if (argv.includes('--help')) return printOptions({ argv: ['--format=help'], print })
      if (argv.includes('--config-test')) return checkConfig({ ...inputs, print })
      return serve({ ...inputs, version: version() })
    }
    case 'check-config':
      return checkConfig({ ...inputs, print })
    case 'generate-secret':
      return generateSecret({ print })
    case 'options':
      return printOptions({ argv, print })
    case 'version':
      print(`sallyport ${version()}`)
      return 0
    case 'help':
      return printOptions({ argv: ['--format=help'], print })
    default:
      console.error(
        `sallyport: unknown command ${command}; known: serve, check-config, generate-secret, options, version, help`,
      )
      return 2
  }
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
