import { commandLineOptions } from './options/command-line.ts'
import { parseSettings } from './parse-settings.ts'
import { readArgv } from './sources/argv.ts'

/** What the flags ask for instead of serving. */
export interface Switches {
  readonly help: boolean
  readonly version: boolean
  readonly configTest: boolean
}

/** Answers even when other flags are wrong: `--version` and `--help` always work. */
export function readSwitches(argv: readonly string[]): Switches {
  const settings = new Map(readArgv(argv).settings.map((setting) => [setting.key, setting]))
  const { values } = parseSettings(commandLineOptions, settings)
  return {
    help: values['help'] === true,
    version: values['version'] === true,
    configTest: values['config_test'] === true,
  }
}
