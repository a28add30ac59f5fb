/** DER values that stand one after another. Pure. */

/** Length of the SEQUENCE that bytes begin with, header included; undefined where they don't. */
const sequenceLength = (bytes: Buffer): number | undefined => {
  const [tag, first] = bytes
  if (tag !== 0x30 || first === undefined) return undefined
  if (first < 0x80) return 2 + first
  const count = first & 0x7f
  if (count < 1 || count > 3 || bytes.length < 2 + count) return undefined
  return 2 + count + bytes.readUIntBE(2, count)
}

/** Each value on its own; undefined where the bytes are not whole SEQUENCEs to their end. */
export const splitDer = (bytes: Buffer): Buffer[] | undefined => {
  const values: Buffer[] = []
  for (let rest = bytes; rest.length > 0; ) {
    const length = sequenceLength(rest)
    if (length === undefined || length > rest.length) return undefined
    values.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  return values
}
