// One request to one upstream and its answer, streamed both ways.
import type { ClientRequest, IncomingMessage, InformationEvent, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import { describeError } from '../core/errors.ts'
import { createDeadline, type Deadline } from './deadline.ts'
import type { ForwardFailure, Passage } from './passage.ts'
import { sendBody } from './request-body.ts'
import { requestTrailers } from './request-head.ts'
import { responseHead, responseTrailers } from './response-head.ts'
import { openTunnel } from './tunnel.ts'

export interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly passage: Passage
  /** Made, but nothing of it sent yet. */
  readonly request: ClientRequest
  readonly hasBody: boolean
  /** How long the upstream may keep us waiting until its answer starts. */
  readonly timeoutMs: number
  /** For an upgrade: what the client sent behind its request. */
  readonly head?: Buffer | undefined
}

/** Resolves when the answer has been passed on, or could not be (see `ForwardFailure`). */
export function exchange(call: Exchange): Promise<ForwardFailure | undefined> {
  const { incoming, outgoing, request, passage, head } = call
  return new Promise((resolve) => {
    let answer: IncomingMessage | undefined
    let failure: ForwardFailure | undefined
    const deadline = createDeadline(call.timeoutMs, () => fail('timeout', 'no answer in time'))

    function settle(result: typeof failure | ReturnType<typeof openTunnel>): void {
      deadline.cancel()
      outgoing.off('close', onClientClose)
      passage.signal?.removeEventListener('abort', onSessionEnd)
      resolve(result)
    }

    function fail(kind: ForwardFailure['kind'], detail: string): void {
      if (failure) return
      failure = { kind, detail }
      request.destroy()
      if (outgoing.headersSent) cutShort(incoming)
      settle(failure)
    }

    function onClientClose(): void {
      if (!outgoing.writableFinished) fail('client-gone', 'the client closed the connection')
      request.destroy()
      settle(failure)
    }

    function onSessionEnd(): void {
      fail('session-ended', 'the session ended')
    }

    function onAnswer(received: IncomingMessage, pass: () => void): void {
      answer = received
      deadline.cancel()
      try {
        pass()
      } catch (error) {
        fail('broken', describeError(error))
      }
    }

    request.on('error', (error) => {
      // A whole answer stays one, whatever becomes of the rest of the upload.
      if (!answer?.complete) fail(answer ? 'broken' : errorKind(error), describeError(error))
    })
    request.once('close', () => {
      if (!answer) fail('closed', 'the connection was closed without an answer')
    })
    request.on('information', (interim) => passOnInterim(interim, call))
    request.once('response', (received) => {
      if ((received.statusCode ?? 0) < 200)
        return fail('broken', 'an interim answer as the last one')
      received.on('error', (error) => fail('broken', describeError(error)))
      onAnswer(received, () => relay(received, outgoing, passage))
    })
    if (head) {
      request.once('upgrade', (received, socket, early) => {
        onAnswer(received, () => settle(openTunnel({ ...call, head, received, socket, early })))
      })
    }
    outgoing.once('close', onClientClose)
    passage.signal?.addEventListener('abort', onSessionEnd)
    send(call, deadline)
    if (passage.signal?.aborted) onSessionEnd()
    if (outgoing.destroyed) onClientClose()
  })
}

function send({ incoming, request, passage, hasBody }: Exchange, deadline: Deadline): void {
  if (hasBody) {
    sendBody(incoming, request, { deadline, trailers: () => requestTrailers(incoming, passage) })
  } else {
    request.end()
    deadline.start()
  }
}

function relay(received: IncomingMessage, outgoing: ServerResponse, passage: Passage): void {
  const { statusCode = 0, statusMessage = '' } = received
  outgoing.writeHead(statusCode, statusMessage, responseHead(received, passage.responseHeaders))
  // The head goes out now, as bytes: flushHeaders() would write non-ASCII ones as UTF-8.
  outgoing.write(Buffer.alloc(0))
  received.once('end', () => {
    outgoing.addTrailers(responseTrailers(received, passage.responseHeaders))
  })
  received.pipe(outgoing)
}

/** Passes on 102, 103 and what is yet to come; 100 answers a question that we did not ask. */
function passOnInterim(interim: InformationEvent, { incoming, outgoing }: Exchange): void {
  const isWanted = interim.statusCode !== 100 && incoming.httpVersion !== '1.0'
  if (!isWanted || outgoing.headersSent || outgoing.destroyed) return
  // Node 22 has no writeInformation(); interim answers may be left out.
  outgoing.writeInformation?.(interim.statusCode, responseHead(interim, {}))
}

/** Ends the client's connection so that the answer cannot be taken for a whole one. */
function cutShort({ socket, httpVersion }: IncomingMessage): void {
  // To HTTP/1.0 an orderly close is the end of the body.
  if (httpVersion === '1.0' && !(socket instanceof TLSSocket)) socket.resetAndDestroy()
  else socket.destroy()
}

function errorKind(error: Error & { code?: string }): ForwardFailure['kind'] {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return 'closed'
  return error.code?.startsWith('HPE_') ? 'broken' : 'unreachable'
}
