// Which HTTP proxy the environment names, by the rules of Go's net/http (golang.org/x/net/http/httpproxy),
// which deployments of oauth2-proxy rely on.
import ipaddr from 'ipaddr.js'
import { parseIp } from './ip.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The proxy through which a URL is asked; undefined = directly. */
export type ProxyFor = (url: string) => URL | undefined

interface Target {
  /** Lower case, IPv6 without brackets. */
  readonly host: string
  readonly address: ipaddr.IPv4 | ipaddr.IPv6 | undefined
  readonly port: string
}

type Matches = (target: Target) => boolean

/**
 * Reads `HTTP_PROXY`, `HTTPS_PROXY` (`http://user:password@proxy:3128`; without a scheme it is http)
 * and `NO_PROXY`, or the same in lower case. Undefined when they name no proxy. Throws an Error for
 * the operator when a proxy is no http or https URL.
 */
export function proxyFromEnvironment(environment: Environment): ProxyFor | undefined {
  const read = (name: string): string =>
    (environment[name] || environment[name.toLowerCase()] || '').trim()
  const httpProxy = parseProxy('HTTP_PROXY', read('HTTP_PROXY'))
  const httpsProxy = parseProxy('HTTPS_PROXY', read('HTTPS_PROXY'))
  if (!httpProxy && !httpsProxy) return undefined
  const exceptions = read('NO_PROXY').toLowerCase().split(',').flatMap(parseException)

  return (url) => {
    const { protocol, hostname, port } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, '')
    const address = parseIp(host)
    const target = { host, address, port: port || (protocol === 'https:' ? '443' : '80') }
    if (isLocal(target) || exceptions.some((matches) => matches(target))) return undefined
    return protocol === 'https:' ? httpsProxy : httpProxy
  }
}

function parseProxy(name: string, value: string): URL | undefined {
  if (value === '') return undefined
  const text = value.includes('://') ? value : `http://${value}`
  const url = URL.parse(text)
  // The value may hold a password: it is not repeated.
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new Error(`${name} in the environment is not the http or https URL of a proxy`)
  }
  return url
}

function isLocal({ host, address }: Target): boolean {
  return host === 'localhost' || address?.range() === 'loopback'
}

/** `*`, an address, a network (`10.0.0.0/8`), or a domain with what is below it; a port narrows it. */
function parseException(text: string): readonly Matches[] {
  const entry = text.trim()
  if (entry === '') return []
  if (entry === '*') return [() => true]
  if (ipaddr.isValidCIDR(entry)) {
    const [network, bits] = ipaddr.parseCIDR(entry)
    return [({ address }) => address?.kind() === network.kind() && address.match(network, bits)]
  }
  const [host, port] = splitPort(entry)
  const matches = parseIp(host) ? isAddress(host) : isDomain(host)
  return [(target) => matches(target) && (port === undefined || port === target.port)]
}

/** `example.com:443`, `[fd00::1]:443`; an IPv6 address without brackets has no port. */
function splitPort(entry: string): readonly [string, string | undefined] {
  if (parseIp(entry)) return [entry, undefined]
  const [, bracketed, plain = '', port] = /^(?:\[(.*)\]|(.*?))(?::(\d+))?$/.exec(entry) ?? []
  return [bracketed ?? plain, port]
}

function isAddress(text: string): Matches {
  const wanted = parseIp(text)?.toString()
  return ({ address }) => address?.toString() === wanted
}

/** `.example.com` and `*.example.com` are only what is below it. */
function isDomain(text: string): Matches {
  const name = text.replace(/^\*(?=\.)/, '')
  if (name.startsWith('.')) return ({ host }) => host.endsWith(name)
  return ({ host }) => host === name || host.endsWith(`.${name}`)
}
