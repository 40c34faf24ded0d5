// What a front says to the operator when a check lacks what its gateway's contract promises.
import type { FrontRead } from './front.ts'
import { limitNames } from './query-limits.ts'

export function refuseStranger(peer: string): FrontRead {
  return refuse(`asked by ${peer}, which is not in trusted_proxy_ips`)
}

/** `mend` names the setting of the gateway that has the header sent. */
export function refuseHeader(name: string, mend: string): FrontRead {
  return refuse(`${name} is missing or malformed: ${mend}`)
}

export function refuseLimit(name: string): FrontRead {
  return refuse(`${name} of the check limits nothing: use ${limitNames.join(', ')}`)
}

function refuse(message: string): FrontRead {
  return { ok: false, message }
}
