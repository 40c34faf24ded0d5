// `file://`: the files of a directory; no listings, no ranges, nothing that writes.
import { constants, type Stats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { describeError } from '../core/errors.ts'
import { contentType } from './content-types.ts'
import { relativeSegments, resolveInside } from './file-path.ts'
import type { ForwardFailure, Passage } from './passage.ts'
import { flatHeaders } from './response-head.ts'

interface Call {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly passage: Passage
}

interface Mount {
  readonly path: string
  readonly directory: string
}

interface OpenFile {
  readonly handle: FileHandle
  readonly stats: Stats
  readonly type: string
}

export async function serveFile(call: Call, mount: Mount): Promise<ForwardFailure | undefined> {
  const { method, url = '' } = call.incoming
  if (method !== 'GET' && method !== 'HEAD') {
    return answerText(call, 405, { allow: 'GET, HEAD' })
  }
  const [path = ''] = url.split('?', 1)
  const found = await find(mount, path)
  switch (found) {
    case 'missing':
      return answerText(call, 404)
    case 'directory':
      return answerText(call, 301, { location: `${path}/${url.slice(path.length)}` })
    default:
      return sendFile(call, found)
  }
}

/** `directory`: one that was asked for without the slash that its relative links need. */
async function find(mount: Mount, path: string): Promise<OpenFile | 'directory' | 'missing'> {
  const segments = relativeSegments(path, mount.path)
  if (segments === undefined) return 'missing'
  const isMount = segments.length === 0
  const found = await openInside(mount.directory, segments)
  if (found === 'directory') {
    if (!isMount && !path.endsWith('/')) return 'directory'
    const index = await openInside(mount.directory, [...segments, 'index.html'])
    return index === 'directory' ? 'missing' : index
  }
  if (found !== 'missing' && !isMount && path.endsWith('/')) {
    await found.handle.close()
    return 'missing'
  }
  return found
}

async function openInside(
  directory: string,
  segments: readonly string[],
): Promise<OpenFile | 'directory' | 'missing'> {
  const path = await resolveInside(directory, segments)
  if (path === undefined) return 'missing'
  let handle: FileHandle
  try {
    // The path is real: a link at its end was put there since. Opening a pipe must not wait.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return 'missing'
  }
  const stats = await handle.stat()
  if (stats.isFile()) return { handle, stats, type: contentType(segments.at(-1) ?? path) }
  await handle.close()
  return stats.isDirectory() ? 'directory' : 'missing'
}

async function sendFile(
  { incoming, outgoing, passage }: Call,
  { handle, stats, type }: OpenFile,
): Promise<ForwardFailure | undefined> {
  const { size } = stats
  const etag = `W/"${size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}"`
  const isCurrent = hasCurrent(incoming, etag, stats.mtimeMs)
  const headers = {
    ...passage.responseHeaders,
    etag,
    'last-modified': stats.mtime.toUTCString(),
    ...(!isCurrent && {
      'content-type': type,
      'content-length': String(size),
      'x-content-type-options': 'nosniff',
    }),
  }
  try {
    outgoing.writeHead(isCurrent ? 304 : 200, flatHeaders(headers))
    if (!isCurrent && incoming.method === 'GET' && size > 0) {
      await pipeline(
        handle.createReadStream({ start: 0, end: size - 1, autoClose: false }),
        outgoing,
        { end: false, ...(passage.signal && { signal: passage.signal }) },
      )
    }
    outgoing.end()
    return undefined
  } catch (error) {
    outgoing.destroy()
    const kind = passage.signal?.aborted ? 'session-ended' : 'client-gone'
    return { kind, detail: describeError(error) }
  } finally {
    await handle.close()
  }
}

/** RFC 9110 13.2.2: the entity tag decides when there is one, the date otherwise. */
function hasCurrent({ headers }: IncomingMessage, etag: string, modifiedMs: number): boolean {
  const tags = headers['if-none-match']
  if (tags !== undefined) return tags.split(',').some((tag) => isSameTag(tag.trim(), etag))
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return Math.trunc(modifiedMs / 1000) * 1000 <= since
}

function isSameTag(tag: string, etag: string): boolean {
  return tag === '*' || tag === etag || `W/${tag}` === etag
}

function answerText(
  { outgoing, passage }: Call,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): undefined {
  const body = `${STATUS_CODES[status] ?? ''}\n`
  const content = {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(body.length),
  }
  outgoing.writeHead(status, flatHeaders({ ...passage.responseHeaders, ...headers, ...content }))
  outgoing.end(body)
}
