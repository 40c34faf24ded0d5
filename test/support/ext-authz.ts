// Speaks Envoy's ext_authz by its field numbers alone (envoy/service/auth/v3/*.proto), so that a
// mistake in ours does not cancel itself out.
import { Client, credentials, type ChannelCredentials } from '@grpc/grpc-js'
import { afterTest, type Cleanup } from './cleanup.ts'
import { field, messages, numbers, readWire, texts, type WireFields } from './wire.ts'

export const checkPath = '/envoy.service.auth.v3.Authorization/Check'

export interface Question {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly scheme?: string
  readonly source?: string
  readonly headers?: Readonly<Record<string, string>>
  /** With Envoy's `encode_raw_headers`: names may repeat. */
  readonly rawHeaders?: readonly (readonly [string, string])[]
  readonly extensions?: Readonly<Record<string, string>>
}

/** The bytes of a CheckRequest, with some fields that are of no interest to a check. */
export function checkRequest({
  method = 'GET',
  path = '/',
  host = 'app.example.com',
  scheme = 'https',
  source = '203.0.113.5',
  headers = {},
  rawHeaders = [],
  extensions = {},
}: Question): Buffer {
  const entries = (number: number, record: object): readonly Buffer[] =>
    Object.entries(record).map(([key, value]) =>
      field(number, Buffer.concat([field(1, key), field(2, String(value))])),
    )
  const raw = rawHeaders.map(([key, value]) =>
    field(1, Buffer.concat([field(1, key), field(3, value)])),
  )
  const http = Buffer.concat([
    field(1, '1234567'),
    field(2, method),
    ...entries(3, { ':authority': host, ':path': path, ...headers }),
    field(4, path),
    field(5, host),
    field(6, scheme),
    field(10, 'HTTP/2'),
    ...(raw.length > 0 ? [field(13, Buffer.concat(raw))] : []),
  ])
  const peer = (address: string): Buffer =>
    Buffer.concat([field(1, field(1, field(2, address))), field(2, 'a-service')])
  return field(
    1,
    Buffer.concat([
      field(1, peer(source)),
      field(2, peer('192.0.2.80')),
      field(4, field(2, http)),
      ...entries(10, extensions),
    ]),
  )
}

/** A HeaderValueOption. */
export interface HeaderChange {
  readonly name: string
  readonly value: string
  readonly append: boolean
}

export type CheckAnswer =
  | {
      readonly passes: true
      readonly headers: readonly HeaderChange[]
      readonly remove: readonly string[]
      readonly responseHeaders: readonly HeaderChange[]
    }
  | {
      readonly passes: false
      readonly status: number
      readonly headers: readonly HeaderChange[]
      readonly body: string
    }

/** Reads a CheckResponse; throws when it says both or neither. */
export function readCheckResponse(bytes: Buffer): CheckAnswer {
  const response = readWire(bytes)
  const [status] = messages(response, 1)
  const [denied] = messages(response, 2)
  const [ok] = messages(response, 3)
  const code = (status && numbers(status, 1)[0]) ?? 0
  if (code === 0 && ok && !denied) {
    return {
      passes: true,
      headers: changes(ok, 2),
      remove: texts(ok, 5),
      responseHeaders: changes(ok, 6),
    }
  }
  if (code === 0 || ok || !denied) throw new Error('neither allowed nor denied')
  const [httpStatus] = messages(denied, 1)
  return {
    passes: false,
    status: (httpStatus && numbers(httpStatus, 1)[0]) ?? 0,
    headers: changes(denied, 2),
    body: texts(denied, 3)[0] ?? '',
  }
}

function changes(fields: WireFields, number: number): readonly HeaderChange[] {
  return messages(fields, number).map((option) => {
    const [header] = messages(option, 1)
    const [append] = messages(option, 2)
    if (!header) throw new Error('a header without name and value')
    return {
      name: texts(header, 1)[0] ?? '',
      value: texts(header, 2)[0] ?? '',
      append: (append && numbers(append, 1)[0]) === 1,
    }
  })
}

const same = (bytes: Buffer): Buffer => bytes

/** Calls methods with bytes for bytes; rejects with the gRPC status as `code`. */
export function grpcClient(
  t: Cleanup,
  target: string,
  channel: ChannelCredentials = credentials.createInsecure(),
): (path: string, request: Buffer) => Promise<Buffer> {
  const client = openClient(t, target, channel)
  return (path, request) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, same, same, request, (error, answer) => {
        if (error) reject(error)
        else resolve(answer ?? Buffer.alloc(0))
      })
    })
}

/** Calls a method that streams; what came so far, and whether the server has ended it. */
export function grpcStream(
  t: Cleanup,
  target: string,
  path: string,
  request: Buffer,
): { readonly received: readonly Buffer[]; isOver(): boolean } {
  const client = openClient(t, target, credentials.createInsecure())
  const received: Buffer[] = []
  let isOver = false
  const stream = client.makeServerStreamRequest(path, same, same, request)
  stream.on('data', (message: Buffer) => received.push(message))
  stream.on('error', () => {})
  stream.on('end', () => {
    isOver = true
  })
  return { received, isOver: () => isOver }
}

function openClient(t: Cleanup, target: string, channel: ChannelCredentials): Client {
  const client = new Client(target, channel)
  afterTest(t, () => {
    client.close()
  })
  return client
}
