import type { Upstream } from '../../core/upstream.ts'
import { accept, refine, refuse, type Kind, type Parsed } from '../kind.ts'
import { listOf } from './list.ts'

/** `http(s)://host[:port][/path]`, `static://STATUS` or `file:///directory[#/path]`. */
export const upstreams: Kind<readonly Upstream[]> = refine(
  listOf({ type: 'list of upstreams' }, parseUpstream),
  {},
  (values) =>
    new Set(values.map(({ path }) => path)).size < values.length
      ? refuse('has two entries for one path', 'give each upstream a path of its own')
      : accept(values),
)

function parseUpstream(entry: string): Parsed<Upstream> {
  const url = URL.parse(entry)
  switch (url?.protocol) {
    case 'http:':
    case 'https:':
      return parseHttp(entry, url)
    case 'static:':
      return parseStatic(entry)
    case 'file:':
      return parseFile(url)
    case 'unix:':
      return refuse('is a unix socket, which is not served yet', 'use http://host:port')
    case undefined:
    default:
      return refuse(
        'is not an upstream',
        'write http://host:port/path, https://…, static://200 or file:///directory',
      )
  }
}

function parseHttp(entry: string, url: URL): Parsed<Upstream> {
  if (!/^https?:\/\/[^/]/i.test(entry)) return refuse('has no host', 'write http://host:port')
  if (url.username !== '' || url.password !== '') {
    return refuse('holds a user name or password', 'remove them from the URL')
  }
  return accept({ kind: 'http', path: url.pathname, url })
}

function parseStatic(entry: string): Parsed<Upstream> {
  const status = Number(/^static:\/\/(\d{3})\/?$/.exec(entry)?.[1])
  return status >= 200 && status <= 599
    ? accept({ kind: 'static', path: '/', status })
    : refuse('has no HTTP status', 'write static:// and a status from 200 to 599')
}

function parseFile(url: URL): Parsed<Upstream> {
  const directory = decode(url.pathname)
  const path = url.hash === '' ? directory : decode(url.hash.slice(1))
  if (url.host !== '' || directory === undefined || !path?.startsWith('/')) {
    return refuse('is not a directory of this machine', 'write file:///directory#/path')
  }
  return accept({ kind: 'file', path, directory })
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
