import { DeadlinePassed } from '../../lib/deadline.ts'
import type { Failure } from '../../lib/circuit-breaker.ts'

/** Names a failure without what was sent: of the server's own errors only the code. */
export function describeRedisError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if (error.name === 'ReplyError') return error.message.split(' ', 1)[0] ?? ''
  // How ioredis puts that the connection broke before the answer came.
  if (error.name === 'MaxRetriesPerRequestError') return 'connection lost'
  // How it says that no node of a cluster could be asked.
  if ('lastNodeError' in error && error.lastNodeError)
    return describeRedisError(error.lastNodeError)
  if (error.message !== '') return error.message
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

export function classifyRedisError(error: unknown): Failure {
  if (!(error instanceof Error)) return 'gone'
  if (error.name === 'ReplyError') return 'answered'
  const isSilence = error instanceof DeadlinePassed || error.message === 'Command timed out'
  return isSilence ? 'silent' : 'gone'
}
