import { helpText } from '../config/describe/help.ts'
import { optionsJsonSchema } from '../config/describe/json-schema.ts'
import { optionsMarkdown } from '../config/describe/markdown.ts'

const formats: Readonly<Record<string, () => string>> = {
  help: helpText,
  markdown: optionsMarkdown,
  'json-schema': () => JSON.stringify(optionsJsonSchema(), undefined, 2),
}

/** `sallyport options --format=help|markdown|json-schema`. Returns the exit code. */
export function printOptions({
  argv,
  print,
}: {
  readonly argv: readonly string[]
  /** Ends each text with a newline. */
  readonly print: (text: string) => void
}): number {
  const format = /^--format=(.*)$/.exec(argv[0] ?? '--format=help')?.[1] ?? ''
  const describe = Object.hasOwn(formats, format) ? formats[format] : undefined
  if (argv.length > 1 || !describe) {
    print(`usage: sallyport options --format=${Object.keys(formats).join('|')}`)
    return 2
  }
  print(describe().trimEnd())
  return 0
}
