import { flagOf, variableOf, type Option } from '../option.ts'
import { optionGroups } from '../options.ts'
import { commandLineOptions } from '../options/command-line.ts'
import { defaultText } from './text.ts'

type Options = Readonly<Record<string, Option<unknown>>>

const intro = `# Options

Generated from \`src/config/options/\` by \`npm run generate\`.

Each option is a key in the configuration file, a flag and a variable. A flag wins over a variable,
a variable over the file, the file over the default. Names and meanings are those of oauth2-proxy;
*ours* marks what it does not have. *Not served* options are known, and refused when they are set to
anything but their default.

- Booleans: \`true\`, \`false\` (as flag \`--name\` or \`--name=false\`).
- Durations: \`500ms\`, \`30s\`, \`15m\`, \`1h30m\`, \`168h\`. A bare number in a file is nanoseconds.
- Lists: an array in the file; in a string or variable entries are separated by commas; a flag may
  be repeated, and holds one entry or CSV.
- Secrets never appear in logs or messages. The options that end in \`_file\` name a file that holds
  the secret; a newline at its end does not count.
`

/** The page docs/reference/options.md. */
export function optionsMarkdown(): string {
  const sections = optionGroups.map(({ title, options }) => section(title, options))
  return [intro, ...sections, commandLineSection()].join('\n')
}

function section(title: string, options: Options): string {
  const rows = Object.entries(options).map(([key, option]) =>
    row([code(key), code(flagOf(key, option)), code(variableOf(key)), ...facts(option)]),
  )
  const head = ['Key', 'Flag', 'Variable', 'Type', 'Default', 'Served', 'Meaning']
  return `## ${title}\n\n${table(head, rows)}`
}

function commandLineSection(): string {
  const rows = Object.entries<Option<unknown>>(commandLineOptions).map(([key, option]) =>
    row([code(flagOf(key, option)), ...facts(option)]),
  )
  const head = ['Flag', 'Type', 'Default', 'Served', 'Meaning']
  return `## Command line only\n\n${table(head, rows)}`
}

function facts(option: Option<unknown>): readonly string[] {
  const text = defaultText(option.default)
  const served = option.ours ? 'ours' : option.served ? 'yes' : 'no'
  return [option.kind.type, text === '' ? '' : code(text), served, option.help]
}

function table(head: readonly string[], rows: readonly string[]): string {
  return `${row(head)}${row(head.map(() => '---'))}${rows.join('')}`
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |\n`
}

function code(text: string): string {
  return `\`${text}\``
}
