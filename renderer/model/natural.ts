/** Keys made so far; the same names and addresses come again with every change of a device. */
const known = new Map<string, string>()
const KNOWN_MAX = 100_000

const makeKey = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\d+/g, (digits) => digits.padStart(12, '0'))

/** A sort key under which "Pump 2" comes before "Pump 10" and accents do not matter. Compare with < and >. */
export const naturalKey = (text: string): string => {
  const old = known.get(text)
  if (old !== undefined) return old
  if (known.size >= KNOWN_MAX) known.clear()
  const key = makeKey(text)
  known.set(text, key)
  return key
}
