export interface Answer {
  readonly status: number
  /** Bytes of head and body. */
  readonly length: number
}

/** The HTTP/1 answer that the bytes begin with; undefined while it is incomplete. */
export function readAnswer(bytes: Buffer): Answer | undefined {
  const headLength = bytes.indexOf('\r\n\r\n') + 4
  if (headLength === 3) return undefined
  const head = bytes.toString('latin1', 0, headLength)
  const length = answerLength(head, bytes)
  if (length === undefined || bytes.length < length) return undefined
  return { status: Number(head.slice(9, 12)), length }
}

function answerLength(head: string, bytes: Buffer): number | undefined {
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  if (length !== undefined) return head.length + Number(length)
  if (/^HTTP\/1\.\d (?:204|304) /.test(head)) return head.length
  if (!/\r\ntransfer-encoding: chunked/i.test(head)) {
    throw new Error(`an answer that only ends with its connection: ${head}`)
  }
  const last = bytes.indexOf('0\r\n\r\n', head.length - 2)
  return last === -1 ? undefined : last + 5
}
