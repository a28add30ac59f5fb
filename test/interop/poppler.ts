/** Runs the Poppler tools, the judges of what stands on paper: what it says, and where. */
import { execFileSync } from 'node:child_process'

export interface Word {
  readonly page: number
  readonly text: string
  /** Points from the left and from the top. */
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const poppler = (command: string, ...args: readonly string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })

/** `Pages`, `Page size`, `Tagged`, `Title` … as pdfinfo names them. */
export const pdfInfo = (path: string): ReadonlyMap<string, string> =>
  new Map(
    poppler('pdfinfo', path)
      .split('\n')
      .flatMap((line) => {
        const colon = line.indexOf(':')
        return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const]
      }),
  )

/** Each page as text, lines as they stand on it. */
export const pdfPages = (path: string): readonly string[] =>
  poppler('pdftotext', '-layout', path, '-').split('\f').slice(0, -1)

/** Every word with its place. */
export const pdfWords = (path: string): readonly Word[] => {
  const words: Word[] = []
  let page = 0
  for (const line of poppler('pdftotext', '-bbox', path, '-').split('\n')) {
    if (line.includes('<page ')) page += 1
    const at = /<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*)<\/word>/.exec(line)
    if (!at) continue
    const [left = 0, top = 0, right = 0, bottom = 0] = at.slice(1, 5).map(Number)
    words.push({ page, text: at[5] ?? '', left, top, right, bottom })
  }
  return words
}

/** Names of the fonts that are used, and whether the file brings them along. */
export const pdfFonts = (path: string): readonly string[] =>
  poppler('pdffonts', path)
    .split('\n')
    .slice(2)
    .flatMap((line) => line.split(/\s+/)[0] || [])
