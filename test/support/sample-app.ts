import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterTest, type Cleanup } from './cleanup.ts'

/** What the app got: the proof of what a gateway or proxy sent on. */
export interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface SampleApp {
  readonly url: string
  readonly port: number
  readonly requests: readonly ReceivedRequest[]
}

/**
 * An app with nothing of its own: every path answers what was received, as a page for browsers and
 * as JSON otherwise. `/events` is a stream that never ends, `/slow` takes a while, `/theme` sets a
 * cookie, `/socket` is a WebSocket that opens and says nothing.
 */
export async function startSampleApp(t: Cleanup, host = '127.0.0.1'): Promise<SampleApp> {
  const requests: ReceivedRequest[] = []
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request)
    requests.push(received)
    answer(received, response)
  }
  const server = createServer(
    { shouldUpgradeCallback: ({ url }) => url === '/socket' },
    (request, response) => void handle(request, response),
  )
  const sockets: Duplex[] = []
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    sockets.push(socket)
    requests.push({ method: 'GET', url: '/socket', headers: headersOf(request), body: '' })
    socket.on('error', () => {}).on('end', () => socket.end())
    socket.write(switchProtocols(request.headers['sec-websocket-key'] ?? ''))
    socket.resume()
  })
  server.listen(0, host)
  await once(server, 'listening')
  afterTest(t, async () => {
    server.closeAllConnections()
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://${host}:${port}`, port, requests }
}

/** RFC 6455 4.2.2. */
function switchProtocols(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept.digest('base64')}`,
    '\r\n',
  ].join('\r\n')
}

function headersOf(request: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [
      name,
      values?.join(', ') ?? '',
    ]),
  )
}

async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { method = '', url = '' } = request
  return { method, url, headers: headersOf(request), body: Buffer.concat(chunks).toString() }
}

function answer(received: ReceivedRequest, response: ServerResponse): void {
  const path = received.url.split('?')[0]
  if (path === '/theme') response.setHeader('set-cookie', 'theme=dark; Path=/')
  if (path === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: hello\n\n')
  } else if (path === '/slow') {
    setTimeout(() => response.end('slow'), 300)
  } else if (received.headers['accept']?.includes('text/html') === true) {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page(received))
  } else {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(received))
  }
}

function page({ method, url, headers }: ReceivedRequest): string {
  const rows = Object.entries(headers).map(
    ([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sample app</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 60rem; margin: 3rem auto; padding: 0 1rem }
  th { text-align: left; vertical-align: top; padding-right: 2rem; white-space: nowrap }
  td { overflow-wrap: anywhere; font-family: ui-monospace, monospace }
</style>
<h1>Sample app</h1>
<p>What it received: <code id="request">${escape(method)} ${escape(url)}</code></p>
<table>${rows.join('\n')}</table>
<p><a href="/oauth2/sign_out">Sign out</a></p>
</html>
`
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
