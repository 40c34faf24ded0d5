// The listener that Envoy asks over gRPC. It serves the check and its health, nothing else: no
// reflection, none of the portal's paths (SEC-41).
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js'
import { createAnswerCheck, type AnswerCheckDeps, type Asked } from '../auth/answer-check.ts'
import { createRequestId } from '../auth/request-id.ts'
import { servedRequest } from '../auth/served-request.ts'
import { lameDuckMs } from '../core/shutdown.ts'
import type { EnvoyCheck } from '../fronts/envoy-grpc.ts'
import type { Front } from '../fronts/front.ts'
import type { ListenerAddress } from '../lib/http-listener.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RequestLog } from '../telemetry/request-log.ts'
import { createCheckResponses } from './check-response.ts'
import { checkPath, toEnvoyCheck } from './envoy-check.ts'
import { createHealth } from './health.ts'
import { listen, type GrpcTls } from './listener.ts'
import { decodeCheckRequest, type CheckRequest } from './protocol.ts'

export interface GrpcServerDeps extends AnswerCheckDeps {
  readonly options: AnswerCheckDeps['options'] & { readonly request_id_header: string }
  readonly front: Front<EnvoyCheck>
  readonly address: ListenerAddress
  /** Undefined = plain HTTP/2. */
  readonly tls: GrpcTls | undefined
  /** Rejects when the session store does not answer. */
  readonly pingStore: () => Promise<void>
  readonly metrics: Pick<Metrics, 'requestServed'>
  readonly requestLog: RequestLog | undefined
}

export interface GrpcServer {
  /** As bound: `host:port` or `unix:path`. */
  readonly address: string
  /** Answers what is under way; cuts off what is left `timeoutMs` after the call. */
  close(timeoutMs: number): Promise<void>
}

interface AskedOverGrpc extends Asked<EnvoyCheck> {
  readonly callback: sendUnaryData<Buffer>
  /** Milliseconds of `performance.now()`. */
  readonly startedAt: number
}

/** A request's headers are 60 KiB at most in Envoy; bodies are never needed. */
const maxMessageBytes = 1024 * 1024

/** Rejects when it cannot listen. */
export async function startGrpcServer(deps: GrpcServerDeps): Promise<GrpcServer> {
  const server = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.enable_channelz': 0,
  })
  const health = createHealth(deps)
  server.addService(authorization, { Check: createCheckHandler(deps) })
  server.addService(health.definition, health.implementation)
  // Plain to the library: with TLS, a connection comes to it when the handshake is over.
  const { injectConnection } = server.createConnectionInjector(ServerCredentials.createInsecure())
  const listener = await listen(deps.address, deps.tls, injectConnection)
  return {
    address: listener.address,
    async close(timeoutMs) {
      const deadline = setTimeout(() => server.forceShutdown(), timeoutMs)
      health.leave()
      await sleep(Math.min(lameDuckMs, timeoutMs))
      listener.close()
      health.close()
      await new Promise<void>((resolve) => {
        server.tryShutdown(() => resolve())
      })
      listener.destroy()
      clearTimeout(deadline)
    },
  }
}

/** Answers are encoded by the handler, which knows what they are about. */
const authorization = {
  Check: {
    path: checkPath,
    requestStream: false,
    responseStream: false,
    requestDeserialize: decodeCheckRequest,
    requestSerialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
}

function createCheckHandler(deps: GrpcServerDeps) {
  const requestIdOf = createRequestId(deps.options.request_id_header)
  const toCheckResponse = createCheckResponses(deps.identityHeaders)
  const peerOf = 'path' in deps.address ? () => '' : addressOf
  const answerCheck = createAnswerCheck<EnvoyCheck, AskedOverGrpc>(
    deps.front,
    deps,
    ({ raw, callback, startedAt }, answer, checked) => {
      callback(null, toCheckResponse(answer, raw.headers))
      const durationMs = performance.now() - startedAt
      deps.metrics.requestServed('check', answer.status, durationMs / 1000)
      deps.requestLog?.(servedRequest(raw, answer.status, durationMs, checked))
    },
  )
  return (call: ServerUnaryCall<CheckRequest, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const startedAt = performance.now()
    answerCheck({ raw: toEnvoyCheck(call.request, peerOf(call), requestIdOf), callback, startedAt })
  }
}

/** `address:port`, and the word `unknown` for a connection that is gone: nobody's. */
function addressOf(call: Pick<ServerUnaryCall<unknown, unknown>, 'getPeer'>): string {
  const peer = call.getPeer()
  return peer.slice(0, Math.max(0, peer.lastIndexOf(':'))) || 'unknown'
}
