/** A label drawing as SVG, for the window that prints it. Pure. */
import { darkRuns, type LabelDrawing, type LabelFrame, type LabelItem, type LabelLine } from './label-drawing'

const FACES = {
  mono: "'JetBrains Mono Variable', 'DejaVu Sans Mono', 'Courier New', monospace",
  sans: "'Inter Variable', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif",
} as const

/** A document of its own in the true size, black on white; nothing in it can run or load. */
export const drawingSvg = ({ widthMm, heightMm, items }: LabelDrawing): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}mm" height="${heightMm}mm" viewBox="0 0 ${widthMm} ${heightMm}">`,
    `<rect width="${widthMm}" height="${heightMm}" fill="#fff"/>`,
    ...items.map(itemSvg),
    '</svg>\n',
  ].join('\n')

const itemSvg = (item: LabelItem): string => {
  if (item.kind === 'text') return lineSvg(item)
  if (item.kind === 'frame') return frameSvg(item)
  const path = darkRuns(item).map(
    ({ xMm, yMm, widthMm, heightMm }) =>
      `M${mm(xMm)} ${mm(yMm)}h${mm(widthMm)}v${mm(heightMm)}h${mm(-widthMm)}z`,
  )
  return `<path d="${path.join('')}" fill="#000" shape-rendering="crispEdges"/>`
}

const lineSvg = ({ xMm, baselineMm, widthMm, sizeMm, face, bold, text }: LabelLine): string => {
  // The machine that prints may lack the font: the width is kept all the same.
  const length = face === 'mono' ? ` textLength="${mm(widthMm)}" lengthAdjust="spacingAndGlyphs"` : ''
  const font = `font-family="${FACES[face]}" font-size="${mm(sizeMm)}" font-weight="${bold ? 700 : 400}"`
  const place = `x="${mm(xMm)}" y="${mm(baselineMm)}"`
  return `<text ${place} ${font}${length} xml:space="preserve">${escapeXml(text)}</text>`
}

const frameSvg = ({ xMm, yMm, widthMm, heightMm, lineMm, radiusMm }: LabelFrame): string => {
  const place = `x="${mm(xMm + lineMm / 2)}" y="${mm(yMm + lineMm / 2)}"`
  const size = `width="${mm(widthMm - lineMm)}" height="${mm(heightMm - lineMm)}" rx="${mm(radiusMm)}"`
  return `<rect ${place} ${size} fill="none" stroke="#000" stroke-width="${mm(lineMm)}"/>`
}

const mm = (value: number): string => String(Number(value.toFixed(4)))

const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Lone surrogates, and what XML 1.0 §2.2 forbids. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

/** Text as XML character data; what XML can not hold becomes a replacement character. */
export const escapeXml = (text: string): string =>
  text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (sign) => NAMED[sign] ?? sign)
