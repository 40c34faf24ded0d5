import { createDoctorProbes } from '../../auth/doctor-probe.ts'
import { formatFindings } from '../../config/finding.ts'
import { loadOptions, type LoadInputs } from '../../config/load.ts'
import type { Options } from '../../config/options.ts'
import type { ProbeReport } from '../../core/probe-report.ts'
import { systemClock } from '../../lib/clock.ts'
import { createRedirects } from '../../redirects/redirects.ts'
import { takeFlag } from '../take-flag.ts'
import { createAsk } from './ask.ts'
import { checkFindings } from './check-findings.ts'
import type { Cause, Finding } from './finding.ts'
import { observe, type Observations } from './observe.ts'
import { portalFindings } from './portal-findings.ts'

const usage = `usage: sallyport doctor https://app.example.com/ [--connect=host:port] [flags of serve]
       asks through the gateway, with the configuration that Sallyport runs with, and tells what
       is wrong with the set-up; --connect asks this address in place of the name's`

/**
 * `sallyport doctor URL`: prints what Sallyport received about this URL, what is wrong and how to
 * mend it. Returns the exit code: 0 for a set-up without findings, 1 with, 2 for a wrong command line.
 */
export async function doctor({
  print,
  ...inputs
}: LoadInputs & { readonly print: (text: string) => void }): Promise<number> {
  const { value: connectTo, rest } = takeFlag(inputs.argv, '--connect')
  const target = rest.find((argument) => /^https?:\/\//.test(argument))
  if (target === undefined || !URL.canParse(target)) {
    print(usage)
    return 2
  }
  const argv = rest.filter((argument) => argument !== target)
  const loaded = loadOptions({ ...inputs, argv })
  if (!loaded.ok) {
    print(formatFindings(loaded.findings))
    return 2
  }
  const { options } = loaded
  const probes = createDoctorProbes({ options, clock: systemClock })
  const observations = await observe(new URL(target), { ask: createAsk(connectTo), probes })
  const { report } = observations.probed
  if (report) print(describeReport(report))
  const findings = diagnose(observations, options)
  for (const { cause, problem, mend } of findings) print(`\n${cause}: ${problem}\n  ${mend}`)
  if (findings.length === 0) print('\nnothing found that is wrong')
  return findings.length === 0 ? 0 : 1
}

function diagnose(observations: Observations, options: Options): readonly Finding[] {
  const { proxy_prefix } = options
  const redirects = createRedirects(options)
  const found = checkFindings(observations, proxy_prefix)
  const portal = portalFindings(observations, {
    proxy_prefix,
    isAllowedRedirect: redirects.isAllowed,
  })
  if (found.length > 0) {
    // That a browser is not led on follows from what is wrong with the check, and one cause is told
    // once, where it shows first.
    const told = new Set<Cause>(['no-redirect', ...found.map(({ cause }) => cause)])
    return [...found, ...portal.filter(({ cause }) => !told.has(cause))]
  }
  return portal
}

function describeReport({ front, checkUrl, peer, request, headers }: ProbeReport): string {
  const lines = [
    `front    ${front}, asked at ${checkUrl.split('?', 1)[0]} by ${peer || 'a unix socket'}`,
    ...(request
      ? [
          `request  ${request.method} ${request.scheme}://${request.host}${request.uri.split('?', 1)[0]}`,
          `client   ${request.clientIp || 'unknown'}`,
        ]
      : []),
    `headers  ${headers.join(', ')}`,
  ]
  return lines.join('\n')
}
