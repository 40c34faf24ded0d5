import { flagOf, type Option } from '../option.ts'
import { optionGroups } from '../options.ts'
import { commandLineOptions } from '../options/command-line.ts'
import { defaultText } from './text.ts'

const indent = ' '.repeat(6)
const width = 94

/** The text of `--help`: every served flag, by group. */
export function helpText(): string {
  const groups = [{ title: 'Command line', options: commandLineOptions }, ...optionGroups]
  const sections = groups
    .map(({ title, options }) => ({ title, served: servedEntries(options) }))
    .filter(({ served }) => served.length > 0)
    .map(({ title, served }) => `${title}:\n${served.map(describeFlag).join('')}`)
  return [...sections, footer].join('\n')
}

const footer = `Each flag but those of the command line has a key for the configuration file and a
variable OAUTH2_PROXY_<KEY>. A flag wins over a variable, a variable over the file.
`

type Entry = readonly [key: string, option: Option<unknown>]

function servedEntries(options: Readonly<Record<string, Option<unknown>>>): readonly Entry[] {
  return Object.entries(options).filter(([, option]) => option.served)
}

function describeFlag([key, option]: Entry): string {
  const type = option.kind.flag === 'switch' ? '' : `  ${option.kind.type}`
  const text = defaultText(option.default)
  const suffix = text === '' || text === 'false' ? '' : ` (default ${text})`
  return `  ${flagOf(key, option)}${type}\n${wrap(option.help.replaceAll('`', '') + suffix)}`
}

function wrap(text: string): string {
  let lines = ''
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines += `${indent}${line}\n`
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return `${lines}${indent}${line}\n`
}
