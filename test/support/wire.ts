/** A field of a protobuf message by its number: texts and nested messages as bytes, varints as numbers. */
export type WireFields = ReadonlyMap<number, readonly (Buffer | number)[]>

/**
 * Reads the protobuf wire format (protobuf.dev/programming-guides/encoding) without any description
 * of the message: what tests compare answers with by Envoy's own field numbers.
 */
export function readWire(bytes: Buffer): WireFields {
  const fields = new Map<number, (Buffer | number)[]>()
  let at = 0
  function varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at]
      if (byte === undefined) throw new Error('the message ends inside a number')
      at += 1
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const length = varint()
    const values = fields.get(tag >>> 3) ?? []
    fields.set(tag >>> 3, values)
    if ((tag & 7) === 0) {
      values.push(length)
    } else if ((tag & 7) === 2) {
      if (at + length > bytes.length) throw new Error('a field ends after the message')
      values.push(bytes.subarray(at, at + length))
      at += length
    } else {
      throw new Error(`wire type ${tag & 7} is not expected here`)
    }
  }
  return fields
}

/** The nested messages, texts or numbers of a field. */
export function messages(fields: WireFields, number: number): readonly WireFields[] {
  return (fields.get(number) ?? []).map((value) => readWire(value as Buffer))
}

export function texts(fields: WireFields, number: number): readonly string[] {
  return (fields.get(number) ?? []).map((value) => (value as Buffer).toString('utf8'))
}

export function numbers(fields: WireFields, number: number): readonly number[] {
  return (fields.get(number) ?? []) as readonly number[]
}

/** A length-delimited field: for messages that a test writes by hand. */
export function field(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([writeVarint(number * 8 + 2), writeVarint(bytes.length), bytes])
}

function writeVarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}
