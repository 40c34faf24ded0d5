// grpc.health.v1.Health, as kubelets, Envoy and grpc_health_probe ask it.
import { status, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { decodeHealthCheckRequest, encodeHealthCheckResponse } from './protocol.ts'

/** The whole server, and the service that is asked about by name. */
const services = ['', 'envoy.service.auth.v3.Authorization']

export interface Health {
  readonly definition: ServiceDefinition
  readonly implementation: UntypedServiceImplementation
  /** From now on NOT_SERVING: whoever watches asks another replica. */
  leave(): void
}

/**
 * Serving as long as it does not shut down: while a store is down, checks are still answered, with a
 * page that says so.
 */
export function createHealth(): Health {
  let answer: 1 | 2 = 1
  return {
    definition: {
      Check: {
        path: '/grpc.health.v1.Health/Check',
        requestStream: false,
        responseStream: false,
        requestDeserialize: decodeHealthCheckRequest,
        requestSerialize: (bytes: Buffer) => bytes,
        responseSerialize: encodeHealthCheckResponse,
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    implementation: {
      Check(
        { request }: { request: ReturnType<typeof decodeHealthCheckRequest> },
        callback: (
          error: { readonly code: status } | null,
          answer?: { readonly status: 1 | 2 },
        ) => void,
      ) {
        if (services.includes(request.service)) callback(null, { status: answer })
        else callback({ code: status.NOT_FOUND })
      },
    },
    leave() {
      answer = 2
    },
  }
}
