/** The causes that the doctor knows; docs/doctor.md lists them. */
export const causes = [
  'no-answer',
  'not-checked',
  'gateway-cannot-ask',
  'report-lost',
  'untrusted-gateway',
  'wrong-front',
  'headers-missing',
  'cookie-not-passed',
  'navigation-not-told',
  'http-behind-tls',
  'host-changed',
  'path-changed',
  'method-lost',
  'no-redirect',
  'portal-missing',
  'redirect-loop',
  'sign-in-unavailable',
  'cookie-domain',
  'cookie-secure',
  'return-not-allowed',
] as const
export type Cause = (typeof causes)[number]

export interface Finding {
  readonly cause: Cause
  readonly problem: string
  readonly mend: string
}

export function finding(cause: Cause, problem: string, mend: string): Finding {
  return { cause, problem, mend }
}
