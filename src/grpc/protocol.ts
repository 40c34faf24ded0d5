// What travels on the wire. Of Envoy's files (envoy/service/auth/v3, envoy/config/core/v3) and of
// grpc/health/v1 this is the part that is read or written here; numbers and names are theirs.
import protobuf from 'protobufjs'

const proto = `
syntax = "proto3";

message CheckRequest { AttributeContext attributes = 1; }
message AttributeContext {
  Peer source = 1;
  Request request = 4;
  map<string, string> context_extensions = 10;
}
message Peer { Address address = 1; }
message Address { SocketAddress socket_address = 1; }
message SocketAddress { string address = 2; }
message Request { HttpRequest http = 2; }
message HttpRequest {
  string method = 2;
  map<string, string> headers = 3;
  string path = 4;
  string host = 5;
  string scheme = 6;
  HeaderMap header_map = 13;
}
message HeaderMap { repeated HeaderValue headers = 1; }

message CheckResponse {
  Status status = 1;
  oneof http_response {
    DeniedHttpResponse denied_response = 2;
    OkHttpResponse ok_response = 3;
  }
}
message Status { int32 code = 1; }
message DeniedHttpResponse {
  HttpStatus status = 1;
  repeated HeaderValueOption headers = 2;
  string body = 3;
}
message HttpStatus { int32 code = 1; }
message OkHttpResponse {
  repeated HeaderValueOption headers = 2;
  repeated string headers_to_remove = 5;
  repeated HeaderValueOption response_headers_to_add = 6;
}
message HeaderValueOption {
  HeaderValue header = 1;
  BoolValue append = 2;
}
message HeaderValue {
  string key = 1;
  string value = 2;
  bytes raw_value = 3;
}
message BoolValue { bool value = 1; }

message HealthCheckRequest { string service = 1; }
message HealthCheckResponse { int32 status = 1; }
`

/** Absent messages are null, absent texts empty. */
export interface CheckRequest {
  readonly attributes: {
    readonly source: {
      readonly address: { readonly socket_address: { readonly address: string } | null } | null
    } | null
    readonly request: { readonly http: HttpRequest | null } | null
    readonly context_extensions: Readonly<Record<string, string>>
  } | null
}

export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly host: string
  readonly scheme: string
  /** Repeated ones are joined with commas. */
  readonly headers: Readonly<Record<string, string>>
  /** In place of `headers` with Envoy's `encode_raw_headers`: as received, repeated ones apart. */
  readonly header_map: {
    readonly headers: readonly {
      readonly key: string
      readonly value: string
      readonly raw_value: Uint8Array
    }[]
  } | null
}

export interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string }
  /** Beside what is there (true) or in its place; `append_action` is unknown to older Envoys. */
  readonly append: { readonly value: boolean }
}

export interface CheckResponse {
  /** google.rpc.Status: 0 lets the request pass. */
  readonly status: { readonly code: number }
  readonly ok_response?: {
    readonly headers: readonly HeaderValueOption[]
    readonly headers_to_remove: readonly string[]
    readonly response_headers_to_add: readonly HeaderValueOption[]
  }
  readonly denied_response?: {
    readonly status: { readonly code: number }
    readonly headers: readonly HeaderValueOption[]
    readonly body: string
  }
}

export interface HealthCheckRequest {
  readonly service: string
}

const servingStatus = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const
export type ServingStatus = keyof typeof servingStatus

export interface HealthCheckResponse {
  readonly status: ServingStatus
}

const { root } = protobuf.parse(proto, { keepCase: true })
const checkRequest = root.lookupType('CheckRequest')
const checkResponse = root.lookupType('CheckResponse')
const healthCheckRequest = root.lookupType('HealthCheckRequest')
const healthCheckResponse = root.lookupType('HealthCheckResponse')

/** Throws when the bytes are no such message. */
export function decodeCheckRequest(bytes: Uint8Array): CheckRequest {
  return checkRequest.decode(bytes) as unknown as CheckRequest
}

export function encodeCheckResponse(response: CheckResponse): Buffer {
  return toBuffer(checkResponse.encode(response).finish())
}

/** Throws when the bytes are no such message. */
export function decodeHealthCheckRequest(bytes: Uint8Array): HealthCheckRequest {
  return healthCheckRequest.decode(bytes) as unknown as HealthCheckRequest
}

export function encodeHealthCheckResponse({ status }: HealthCheckResponse): Buffer {
  return toBuffer(healthCheckResponse.encode({ status: servingStatus[status] }).finish())
}

/** In Node, protobufjs writes into Buffers already. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes)
}
