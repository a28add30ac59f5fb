/** The letters that the fonts of every PDF viewer have (Windows-1252), so that no font has to travel with a report. */

const BEYOND_LATIN_1 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'
const OTHERS: Readonly<Record<string, string>> = {
  '\u2192': '->',
  '\u2212': '-',
  '\u2011': '-',
  '\u2010': '-',
  '\u202f': ' ',
  '\u00ad': '',
}

const isPrintable = (letter: string): boolean =>
  /[\n\x20-\x7e\xa0-\xff]/.test(letter) || BEYOND_LATIN_1.includes(letter)

/** A text that can be printed: letters that can't lose their marks, or become `?`, which `replaced` tells. */
export const plainLetters = (text: string): { text: string; replaced: boolean } => {
  let replaced = false
  const letters = [
    ...text
      .normalize('NFC')
      .replace(/\r\n?|\u2028|\u2029/g, '\n')
      .replace(/\t/g, ' '),
  ]
  const plain = letters.map((letter) => {
    if (letter !== '\u00ad' && isPrintable(letter)) return letter
    const other = OTHERS[letter]
    if (other !== undefined) return other
    const bare = letter.normalize('NFD').replace(/\p{M}/gu, '')
    replaced = true
    return bare !== '' && [...bare].every(isPrintable) ? bare : '?'
  })
  return { text: plain.join(''), replaced }
}
