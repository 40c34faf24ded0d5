// What a check costs at least on this machine: Node's own server and four headers.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const headers = {
  'content-length': '0',
  'cache-control': 'no-store',
  'x-auth-request-user': 'alice',
  'x-auth-request-email': 'alice@example.com',
  'x-auth-request-groups': 'admin,dev',
}
const server = createServer((_request, response) => response.writeHead(202, headers).end())
server.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log(`listening on ${(server.address() as AddressInfo).port}`)
