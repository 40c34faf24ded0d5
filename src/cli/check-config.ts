import { formatFindings } from '../config/finding.ts'
import { loadOptions, type LoadInputs } from '../config/load.ts'

/**
 * `sallyport check-config`: would the service start with this configuration? Prints all findings
 * and warnings. Returns the exit code: 0 when it would, 1 when not.
 */
export function checkConfig({
  print,
  ...inputs
}: LoadInputs & { readonly print: (text: string) => void }): number {
  const loaded = loadOptions(inputs)
  if (!loaded.ok) print(formatFindings(loaded.findings))
  if (loaded.warnings.length > 0) print(formatFindings(loaded.warnings, 'warnings'))
  if (!loaded.ok) return 1
  print('configuration ok')
  return 0
}
