import { once } from 'node:events'
import { connect } from 'node:net'

export interface Load {
  readonly port: number
  /** The whole request, as bytes on the wire. */
  readonly request: string
  readonly status: number
  readonly requests: number
}

const connections = 32

/** Sends the requests over kept connections; throws at the first answer with another status. */
export async function sendLoad(load: Load): Promise<void> {
  let left = load.requests
  const takeOne = (): boolean => {
    left -= 1
    return left >= 0
  }
  await Promise.all(Array.from({ length: connections }, () => drive(load, takeOne)))
}

async function drive({ port, request, status }: Load, takeOne: () => boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1')
  await once(socket, 'connect')
  let received = ''
  let failure: Error | undefined
  const next = (): void => {
    if (takeOne()) socket.write(request)
    else socket.end()
  }
  socket.on('data', (chunk: string) => {
    received += chunk
    const end = endOfAnswer(received)
    if (end === -1) return
    if (!received.startsWith(`HTTP/1.1 ${status} `)) {
      failure = new Error(`expected ${status}, got: ${received.split('\r\n')[0]}`)
      socket.destroy()
      return
    }
    received = received.slice(end)
    next()
  })
  next()
  await once(socket, 'close')
  if (failure) throw failure
}

/** Offset behind the first complete answer; -1 while it is incomplete. */
function endOfAnswer(received: string): number {
  const head = received.indexOf('\r\n\r\n')
  if (head === -1) return -1
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, head)) ?? []
  if (length === undefined) {
    const last = received.indexOf('0\r\n\r\n', head)
    return last === -1 ? -1 : last + 5
  }
  const end = head + 4 + Number(length)
  return received.length < end ? -1 : end
}
