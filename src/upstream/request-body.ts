import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Deadline } from './deadline.ts'

export interface BodyDeps {
  /** Runs while the upstream keeps us waiting, stands while the client does. */
  readonly deadline: Deadline
  /** Asked for once the body is over. */
  trailers(): [string, string][]
}

/** Streams a body to the upstream, no faster than it reads. */
export function sendBody(
  incoming: IncomingMessage,
  request: ClientRequest,
  { deadline, trailers }: BodyDeps,
): void {
  function onData(chunk: Buffer): void {
    if (request.write(chunk)) return
    incoming.pause()
    deadline.start()
  }

  function onEnd(): void {
    request.addTrailers(trailers())
    request.end()
    deadline.start()
  }

  // The upstream learns of the request before there is a body: it may refuse it.
  request.write(Buffer.alloc(0))
  incoming.on('data', onData)
  incoming.once('end', onEnd)
  request.on('drain', () => {
    deadline.stop()
    incoming.resume()
  })
  request.once('close', () => {
    incoming.off('data', onData)
    incoming.off('end', onEnd)
    // What an upstream did not wait for is read and dropped, so that the client reads the answer.
    incoming.resume()
  })
}
