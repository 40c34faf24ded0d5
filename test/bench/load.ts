// The load generator. It runs beside the program that it measures, so it does as little as it can:
// raw sockets, requests that are bytes already, one buffer a connection.
import { connect } from 'node:net'
import { oncePer } from '../../src/lib/once-per.ts'
import { readAnswer } from './answer.ts'
import { quantile } from './statistics.ts'

export interface Load {
  readonly port: number
  /** What every answer has to be. */
  readonly status: number
  /** Are connections used again? Otherwise each request opens one. */
  readonly keepsConnections: boolean
  /** As bytes on the wire, sent in turn. */
  readonly requests: readonly Uint8Array[]
}

export interface Sent {
  readonly requests: number
  readonly seconds: number
  /** Of a request, from its connection or its first byte to the whole answer. */
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Requests that are under way at a time. */
export const connections = 32
const readBytes = 64 * 1024

/** Sends so many requests, 32 at a time; throws at the first answer with another status. */
export async function sendLoad(load: Load, requests: number): Promise<Sent> {
  const latenciesMs = new Float64Array(requests)
  const next = turnsOf(load.requests)
  let taken = 0
  const isLeft = (): boolean => taken < requests
  const begin = (): (() => void) => {
    const index = taken
    const startedAt = performance.now()
    taken += 1
    return () => {
      latenciesMs[index] = performance.now() - startedAt
    }
  }
  const startedAt = performance.now()
  const lanes = Array.from({ length: connections }, async () => {
    while (isLeft()) await useConnection({ ...load, next }, isLeft, begin)
  })
  const rest = stayAwake()
  await Promise.all(lanes).finally(rest)
  const seconds = (performance.now() - startedAt) / 1000
  return {
    requests,
    seconds,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
  }
}

/** The next load of the same requests goes on where the last one stopped. */
const turnsOf = oncePer(inTurn)

function inTurn(list: readonly Uint8Array[]): () => Uint8Array {
  let index = -1
  return () => {
    index = (index + 1) % list.length
    return list[index] ?? new Uint8Array()
  }
}

/**
 * Keeps this process from sleeping between answers: whoever sends to a sleeper pays for waking it,
 * on a virtual machine several microseconds, and the slower server would pay more often. Returns
 * how to stop.
 */
function stayAwake(): () => void {
  let isAwake = true
  const turn = (): void => {
    if (isAwake) setImmediate(turn)
  }
  turn()
  return () => {
    isAwake = false
  }
}

/** Sends requests over one connection until none is left, or one where they are not kept. */
function useConnection(
  load: Omit<Load, 'requests'> & { readonly next: () => Uint8Array },
  isLeft: () => boolean,
  begin: () => () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let end = begin()
    let waiting: Buffer | undefined
    let isDone = false

    function receive(received: Buffer): void {
      const bytes = waiting ? Buffer.concat([waiting, received]) : received
      const answer = readAnswer(bytes)
      // The buffer of the connection is written again by the next read.
      waiting = answer ? undefined : Buffer.from(bytes)
      if (!answer) return
      end()
      if (answer.status !== load.status) {
        throw new Error(`expected ${load.status}, got: ${bytes.toString('latin1')}`)
      }
      if (load.keepsConnections && isLeft()) {
        end = begin()
        socket.write(load.next())
      } else {
        isDone = true
        socket.destroy()
      }
    }

    const socket = connect({
      port: load.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(readBytes),
        callback(length, buffer) {
          try {
            receive(Buffer.from(buffer.buffer, buffer.byteOffset, length))
          } catch (error) {
            socket.destroy(error as Error)
          }
          return true
        },
      },
    })
    socket.on('error', reject)
    socket.on('close', () => {
      if (isDone) resolve()
      else reject(new Error('connection closed before the answer'))
    })
    socket.write(load.next())
  })
}
