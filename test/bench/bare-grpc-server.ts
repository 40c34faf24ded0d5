// What a check over gRPC costs at least on this machine: Node's own HTTP/2 server, which collects the
// message, reads nothing of it and answers with as many bytes as Sallyport does.
import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'

const answer = Buffer.alloc(5 + 340)
answer.writeUInt32BE(340, 1)
const server = createServer()
server.on('stream', (stream) => {
  stream.on('data', () => undefined)
  stream.on('end', () => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc+proto' },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(answer)
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log(`listening on ${(server.address() as AddressInfo).port}`)
