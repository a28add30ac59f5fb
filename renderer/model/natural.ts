/** A sort key under which "Pump 2" comes before "Pump 10" and accents do not matter. Compare with < and >. */
export const naturalKey = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\d+/g, (digits) => digits.padStart(12, '0'))
