/** A4 paper to write on from the top down: texts that are wrapped and cut to their room, signs, and tables over pages. */
import { plainLetters } from './letters'

export type Document = PDFKit.PDFDocument
export type Element = PDFKit.PDFStructureElement

export const INK = {
  ink: '#16202c',
  mute: '#5d6b7c',
  line: '#d5dae1',
  soft: '#f2f4f7',
  accent: '#0b7a75',
  ok: '#1a7f4b',
  warn: '#a15c00',
  bad: '#b3261e',
} as const
export type InkName = keyof typeof INK
export type SignName = 'check' | 'warning' | 'cross' | 'dash' | 'dot'

const FACES = { plain: 'Helvetica', bold: 'Helvetica-Bold', mono: 'Courier' } as const
export interface TextStyle {
  readonly size: number
  readonly face?: keyof typeof FACES
  readonly ink?: InkName
}
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
}

export const PAGE = { width: 595.28, height: 841.89, side: 48, top: 56, bottom: 60 } as const
export const COLUMN = PAGE.width - 2 * PAGE.side

const LEADING = 1.28

/** Draws on a document of pdfkit; `y` is where the next thing goes, in points from the top. */
export class Paper {
  y: number = PAGE.top
  /** A letter had to be replaced. */
  replaced = false
  /** Pages begun so far. */
  pages = 1

  constructor(
    readonly document: Document,
    private readonly root: Element,
  ) {}

  /** Points left on this page. */
  get room(): number {
    return PAGE.height - PAGE.bottom - this.y
  }

  newPage(): void {
    this.document.addPage()
    this.pages += 1
    this.y = PAGE.top
  }

  /** Goes to a new page where less than `height` is left. */
  need(height: number): void {
    if (this.room < height) this.newPage()
  }

  /** A text as lines that fit; the last ends in … where there would be more than `most`. */
  lines(text: string, width: number, style: TextStyle, most = Number.POSITIVE_INFINITY): string[] {
    const clean = plainLetters(text)
    if (clean.replaced) this.replaced = true
    this.use(style)
    const lines: string[] = []
    for (const paragraph of clean.text.split('\n')) lines.push(...this.wrap(paragraph, width, most + 1))
    if (lines.length <= most) return lines
    const kept = lines.slice(0, most)
    let last = (kept[most - 1] ?? '').trimEnd()
    while (last.length > 0 && this.document.widthOfString(`${last}…`) > width) last = last.slice(0, -1)
    return [...kept.slice(0, -1), `${last}…`]
  }

  /** Lines at a place; the height they took. */
  put(lines: readonly string[], { x, y }: Pick<Box, 'x' | 'y'>, style: TextStyle): number {
    this.use(style)
    this.document.fillColor(INK[style.ink ?? 'ink'])
    for (const [i, line] of lines.entries())
      this.document.text(line, x, y + i * style.size * LEADING, { lineBreak: false })
    return lines.length * style.size * LEADING
  }

  /** A paragraph over the whole column, going on over pages. */
  paragraph(text: string, style: TextStyle, tag = 'P'): void {
    const lines = this.lines(text, COLUMN, style)
    const height = style.size * LEADING
    const element = this.element(tag)
    for (let from = 0; from < lines.length; ) {
      this.need(height)
      const count = Math.max(1, Math.floor(this.room / height))
      const part = lines.slice(from, from + count)
      this.draw(element, () => {
        this.y += this.put(part, { x: PAGE.side, y: this.y }, style)
      })
      from += part.length
    }
    element.end()
  }

  heading(text: string, level: 'H1' | 'H2' = 'H2'): void {
    this.need(90)
    this.paragraph(text, { size: level === 'H1' ? 22 : 14, face: 'bold' }, level)
    this.y += 4
  }

  /** A part of the document for screen readers; end it when it is complete. */
  element(tag: string, parent: Element = this.root): Element {
    const element = this.document.struct(tag)
    parent.add(element)
    return element
  }

  /** Draws content that belongs to an element. */
  draw(element: Element, work: () => void): void {
    element.add(() => work())
  }

  /** Draws what is there for the eye only. */
  decorate(work: () => void): void {
    this.document.markContent('Artifact', { type: 'Layout' })
    work()
    this.document.endMarkedContent()
  }

  line(x: number, y: number, width: number, ink: InkName = 'line', thickness = 0.6): void {
    this.decorate(() => {
      this.document
        .lineWidth(thickness)
        .moveTo(x, y)
        .lineTo(x + width, y)
        .stroke(INK[ink])
    })
  }

  /** The same signs as in the window, drawn: fonts lack or misplace them. */
  sign(name: SignName, x: number, y: number, size: number, ink: InkName): void {
    this.decorate(() => {
      const { document } = this
      document
        .save()
        .translate(x, y)
        .scale(size / 12)
      const colour = INK[ink]
      document.lineCap('round').lineJoin('round').lineWidth(1.9)
      if (name === 'check') document.path('M2.2 6.6 4.9 9.2 9.8 3').stroke(colour)
      else if (name === 'cross') document.path('M3 3 9 9M9 3 3 9').stroke(colour)
      else if (name === 'dash') document.path('M3 6h6').stroke(colour)
      else if (name === 'dot') document.circle(6, 6, 3.6).fill(colour)
      else document.lineWidth(1).path('M6 1.6 11 10.4H1Z').fillAndStroke(colour, colour)
      document.restore()
    })
  }

  private use({ face = 'plain', size }: TextStyle): void {
    this.document.font(FACES[face]).fontSize(size)
  }

  private wrap(text: string, width: number, most: number): string[] {
    const fits = (line: string): boolean => this.document.widthOfString(line) <= width
    const lines: string[] = []
    let line = ''
    for (const word of text.split(/\s+/).filter(Boolean)) {
      if (lines.length >= most) break
      const longer = line === '' ? word : `${line} ${word}`
      if (fits(longer)) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      line = word
      // A name without a space is broken where the room ends.
      while (!fits(line) && line.length > 1 && lines.length < most) {
        let cut = line.length - 1
        while (cut > 1 && !fits(line.slice(0, cut))) cut -= 1
        lines.push(line.slice(0, cut))
        line = line.slice(cut)
      }
    }
    lines.push(line)
    return lines
  }
}
