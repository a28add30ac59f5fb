/** Label drawings as one PDF, a page each. */
import { IotmcError } from '../contract/errors'
import { darkRuns, type LabelDrawing, type LabelItem, type LabelLine } from './label-drawing'

const POINTS_PER_MM = 72 / 25.4
const pt = (mm: number): number => mm * POINTS_PER_MM

/** Fonts that every viewer has, so that none is embedded. */
const FONTS = {
  mono: { regular: 'Courier', bold: 'Courier-Bold' },
  sans: { regular: 'Helvetica', bold: 'Helvetica-Bold' },
} as const

type Document = PDFKit.PDFDocument

/** The bytes of the file; it holds the setup codes, so keep it no longer than needed. Errors: VALUE_INVALID, no page. */
export const drawingsPdf = async (pages: readonly LabelDrawing[], title: string): Promise<Buffer> => {
  if (pages.length === 0) throw new IotmcError('VALUE_INVALID', { detail: 'no label to put on paper' })
  // Read when a label is saved, not when the program starts.
  const { default: PDFDocument } = await import('pdfkit')
  const document = new PDFDocument({ autoFirstPage: false, margin: 0, info: { Title: title } })
  const parts: Buffer[] = []
  const written = new Promise<void>((resolve, reject) => {
    document.on('data', (part: Buffer) => parts.push(part))
    document.on('end', () => resolve())
    document.on('error', reject)
  })
  for (const { widthMm, heightMm, items } of pages) {
    document.addPage({ size: [pt(widthMm), pt(heightMm)], margin: 0 })
    for (const item of items) draw(document, item)
  }
  document.end()
  await written
  return Buffer.concat(parts)
}

const draw = (document: Document, item: LabelItem): void => {
  if (item.kind === 'text') {
    drawLine(document, item)
  } else if (item.kind === 'frame') {
    const { xMm, yMm, widthMm, heightMm, lineMm, radiusMm } = item
    const half = lineMm / 2
    const size = [pt(widthMm - lineMm), pt(heightMm - lineMm), pt(radiusMm)] as const
    document
      .lineWidth(pt(lineMm))
      .roundedRect(pt(xMm + half), pt(yMm + half), ...size)
      .stroke('black')
  } else {
    // One path for the whole code: no hairlines between its rows.
    for (const { xMm, yMm, widthMm, heightMm } of darkRuns(item))
      document.rect(pt(xMm), pt(yMm), pt(widthMm), pt(heightMm))
    document.fill('black')
  }
}

const drawLine = (
  document: Document,
  { xMm, baselineMm, widthMm, sizeMm, face, bold, text }: LabelLine,
): void => {
  const printable = winAnsi(text)
  document.font(FONTS[face][bold ? 'bold' : 'regular']).fontSize(pt(sizeMm))
  const tooWide = document.widthOfString(printable) / pt(widthMm)
  if (tooWide > 1) document.fontSize(pt(sizeMm) / tooWide)
  document
    .fillColor('black')
    .text(printable, pt(xMm), pt(baselineMm), { lineBreak: false, baseline: 'alphabetic' })
}

/** The fonts of every viewer have Latin letters only. */
const winAnsi = (text: string): string => text.replace(/[^\x20-\x7e\xa1-\xff]/gu, '?')
