// One request to one upstream and its answer, streamed both ways.
import type {
  ClientRequest,
  IncomingMessage,
  InformationEvent,
  ServerResponse,
} from 'node:http'
import { TLSSocket } from 'node:tls'
import { describeError } from '../core/errors.ts'
import { createDeadline } from './deadline.ts'
import type { ForwardFailure, Passage } from './passage.ts'
import { sendBody } from './request-body.ts'
import { requestTrailers } from './request-head.ts'
import { responseHead, responseTrailers } from './response-head.ts'
import { openTunnel } from './tunnel.ts'

export interface Exchange {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  /** Nothing of it sent yet but its head. */
  readonly request: ClientRequest
  readonly passage: Passage
  readonly hasBody: boolean
  /** How long the upstream may keep us waiting before its answer starts. */
  readonly timeoutMs: number
}

/** Resolves when the answer is sent, or failed; see `ForwardFailure` for who answers then. */
export function exchange(call: Exchange): Promise<ForwardFailure | undefined> {
  const { incoming, outgoing, request, passage } = call
  const { signal } = passage
  return new Promise((resolve) => {
    let response: IncomingMessage | undefined
    let failure: ForwardFailure | undefined
    const deadline = createDeadline(call.timeoutMs, () => fail('timeout', 'no answer in time'))

    function settle(): void {
      deadline.cancel()
      signal?.removeEventListener('abort', onSessionEnd)
      outgoing.off('close', onClientClose)
      resolve(failure)
    }

    function fail(kind: ForwardFailure['kind'], detail: string): void {
      // A whole answer stays one, whatever becomes of the rest of the upload.
      if (failure || response?.complete) return
      failure = { kind, detail }
      request.destroy()
      if (outgoing.headersSent) cut(incoming, outgoing)
      settle()
    }

    function onClientClose(): void {
      if (!outgoing.writableFinished) failure ??= clientGone
      request.destroy()
      settle()
    }

    function onSessionEnd(): void {
      fail('session-ended', 'the session ended')
    }

    request.on('error', (error) => fail(errorKind(error), describeError(error)))
    request.on('information', (answer) => passOnInformation(answer, call))
    request.once('close', () => {
      if (!response) fail('closed', 'the connection was closed without an answer')
    })
    request.once('response', (answer) => {
      response = answer
      deadline.cancel()
      answer.once('error', (error) => fail('broken', describeError(error)))
      try {
        relay(answer, outgoing, passage)
      } catch (error) {
        fail('broken', describeError(error))
      }
    })
    outgoing.once('close', onClientClose)
    signal?.addEventListener('abort', onSessionEnd)
    if (signal?.aborted) onSessionEnd()
    else if (outgoing.destroyed) onClientClose()
    else ...
  })
}
