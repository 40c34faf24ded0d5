// grpc.health.v1.Health, as kubelets, Envoy and grpc_health_probe ask it.
import {
  status,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
  type sendUnaryData,
} from '@grpc/grpc-js'
import {
  decodeHealthCheckRequest,
  encodeHealthCheckResponse,
  type HealthCheckRequest,
  type HealthCheckResponse,
  type ServingStatus,
} from './protocol.ts'

/** How often it is looked whether a service that somebody watches still serves. */
const lookEveryMs = 1000

export interface Health {
  readonly definition: ServiceDefinition
  readonly implementation: UntypedServiceImplementation
  /** From now on NOT_SERVING: whoever watches asks another replica. */
  leave(): void
  /** Ends all watching, which would otherwise never end. */
  close(): void
}

type Call = ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>
type Watch = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>

/**
 * `''`, the whole server, is ready as `/ready` is: when its session store answers. The check alone
 * serves as long as it does not shut down: while a store is down it is still answered, with a page
 * that says so, and a gateway that lets pass when nobody can be asked must not think so.
 */
export function createHealth({ pingStore }: { readonly pingStore: () => Promise<void> }): Health {
  let isLeaving = false
  const watching = new Map<Watch, ServingStatus | undefined>()
  let timer: NodeJS.Timeout | undefined

  async function isReady(): Promise<boolean> {
    try {
      await pingStore()
      return true
    } catch {
      return false
    }
  }

  const services: ReadonlyMap<string, () => Promise<boolean>> = new Map([
    ['', isReady],
    ['envoy.service.auth.v3.Authorization', () => Promise.resolve(true)],
  ])

  async function statusOf(service: string): Promise<ServingStatus> {
    const serves = services.get(service)
    if (!serves) return 'SERVICE_UNKNOWN'
    // Again after the answer: the shutdown may have begun meanwhile.
    const isServing = !isLeaving && (await serves()) && !isLeaving
    return isServing ? 'SERVING' : 'NOT_SERVING'
  }

  async function lookAt(watch: Watch): Promise<void> {
    const latest = await statusOf(watch.request.service)
    // It may have ended in the meantime.
    if (!watching.has(watch) || watching.get(watch) === latest) return
    watching.set(watch, latest)
    watch.write({ status: latest })
  }

  async function answer(
    { request }: Call,
    callback: sendUnaryData<HealthCheckResponse>,
  ): Promise<void> {
    const latest = await statusOf(request.service)
    if (latest === 'SERVICE_UNKNOWN') callback({ code: status.NOT_FOUND })
    else callback(null, { status: latest })
  }

  function lookAtAll(): void {
    for (const watch of watching.keys()) void lookAt(watch)
  }

  function forget(watch: Watch): void {
    watching.delete(watch)
    if (watching.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    definition: {
      Check: method('/grpc.health.v1.Health/Check', false),
      Watch: method('/grpc.health.v1.Health/Watch', true),
    },
    implementation: {
      Check: (call: Call, callback: sendUnaryData<HealthCheckResponse>) =>
        void answer(call, callback),
      Watch(watch: Watch) {
        watching.set(watch, undefined)
        watch.on('cancelled', () => forget(watch))
        timer ??= setInterval(lookAtAll, lookEveryMs).unref()
        void lookAt(watch)
      },
    },
    leave() {
      isLeaving = true
      lookAtAll()
    },
    close() {
      clearInterval(timer)
      for (const watch of watching.keys()) watch.end()
      watching.clear()
    },
  }
}

function method(path: string, responseStream: boolean) {
  return {
    path,
    requestStream: false,
    responseStream,
    requestDeserialize: decodeHealthCheckRequest,
    requestSerialize: (bytes: Buffer) => bytes,
    responseSerialize: encodeHealthCheckResponse,
    responseDeserialize: (bytes: Buffer) => bytes,
  }
}
