/** A label as a drawing: what stands where, in millimetres from the top left corner. Pure; printing is elsewhere. */
import { create } from 'qrcode'
import { LABEL_SIZES, type LabelFacts, type LabelSize, labelText } from '../contract/label'
import {
  type LabelDrawing,
  type LabelItem,
  type LabelLine,
  type LabelModules,
  moved,
  QUIET_MODULES,
  TYPE,
} from './label-drawing'

/** What is printed on one label. The setup code makes it a secret. */
export interface LabelContent extends LabelFacts {
  readonly model: string
}

/** Printers miss the edge by up to a millimetre. */
const EDGE_MM = 1
const MARGIN_MM = 1.6
const LINE_GAP = 1.16
/** Smaller than this a serial number is better broken in two. */
const SERIAL_READABLE_MM = 2.5

/** One label of this size: QR code on the left, on the right what people read. */
export const layoutLabel = (content: LabelContent, size: LabelSize): LabelDrawing => {
  const { widthMm, heightMm } = LABEL_SIZES[size]
  const sideMm = Math.min(heightMm - 2 * EDGE_MM, 0.44 * widthMm)
  const modules = qrCode(labelText(content), EDGE_MM, (heightMm - sideMm) / 2, sideMm)
  const xMm = EDGE_MM + sideMm
  const column = { xMm, widthMm: widthMm - MARGIN_MM - xMm, heightMm: heightMm - 2 * MARGIN_MM }
  const blocks = [
    nameBlock(content, column),
    codeBlock(content.setupCode, column),
    udnBlock(content.udn, column),
  ]
  const gapMm =
    (column.heightMm - blocks.reduce((sum, block) => sum + block.heightMm, 0)) / (blocks.length - 1)
  let yMm = MARGIN_MM
  const placed = blocks.flatMap((block) => {
    const items = block.items.map((item) => moved(item, 0, yMm))
    yMm += block.heightMm + gapMm
    return items
  })
  return { widthMm, heightMm, items: [modules, ...placed] }
}

/**
 * Labels on paper: a page for each, or on sheets row by row, `startAt` places of the first sheet left empty because they
 * are used already.
 */
export const layoutPages = (
  contents: readonly LabelContent[],
  size: LabelSize,
  startAt = 0,
): LabelDrawing[] => {
  const label = LABEL_SIZES[size]
  const drawings = contents.map((content) => layoutLabel(content, size))
  if (!('sheet' in label)) return drawings
  const { sheet } = label
  const perPage = sheet.columns * sheet.rows
  const skipped = startAt % perPage
  const pages = Math.ceil((skipped + drawings.length) / perPage)
  return Array.from({ length: pages }, (_, page) => ({
    widthMm: sheet.widthMm,
    heightMm: sheet.heightMm,
    items: drawings.flatMap((drawing, index) => {
      const place = index + skipped - page * perPage
      if (place < 0 || place >= perPage) return []
      const dxMm = sheet.leftMm + (place % sheet.columns) * (label.widthMm + sheet.gapXMm)
      const dyMm = sheet.topMm + Math.floor(place / sheet.columns) * (label.heightMm + sheet.gapYMm)
      return drawing.items.map((item) => moved(item, dxMm, dyMm))
    }),
  }))
}

interface Column {
  readonly xMm: number
  readonly widthMm: number
  readonly heightMm: number
}
/** Items measured from the block's own top. */
interface Block {
  readonly heightMm: number
  readonly items: readonly LabelItem[]
}

const nameBlock = ({ model, serialNumber }: LabelContent, column: Column): Block => {
  const modelMm = Math.min(0.115 * column.heightMm, column.widthMm / sansWidth(model))
  const roomMm = 0.24 * column.heightMm
  const serial = brokenToFit(serialNumber, column.widthMm, 0.17 * column.heightMm, roomMm)
  const captionMm = captionSize(column)
  const captionY = modelMm * LINE_GAP + 0.015 * column.heightMm
  const serialY = captionY + captionMm * 1.05
  return {
    heightMm: serialY + serial.lines.length * serial.sizeMm * LINE_GAP,
    items: [
      line(column, 0, modelMm, 'sans', true, model),
      line(column, captionY, captionMm, 'sans', false, 'Serial number'),
      ...serial.lines.map((text, i) =>
        line(column, serialY + i * serial.sizeMm * LINE_GAP, serial.sizeMm, 'mono', true, text),
      ),
    ],
  }
}

const codeBlock = (setupCode: string, column: Column): Block => {
  const text = setupCode.replace(/(.{4})(?=.)/g, '$1 ')
  const padMm = 0.03 * column.heightMm
  const inner = { ...column, xMm: column.xMm + 1.4 * padMm, widthMm: column.widthMm - 2.8 * padMm }
  const captionMm = captionSize(column)
  const sizeMm = Math.min(0.15 * column.heightMm, inner.widthMm / (text.length * TYPE.monoAdvance))
  const codeY = padMm + captionMm * 1.05
  const heightMm = codeY + sizeMm + 0.7 * padMm
  const { xMm, widthMm } = column
  const lineMm = 0.01 * column.heightMm
  return {
    heightMm,
    items: [
      { kind: 'frame', xMm, yMm: 0, widthMm, heightMm, lineMm, radiusMm: 1.2 * padMm },
      line(inner, padMm, captionMm, 'sans', false, 'Setup code'),
      line(inner, codeY, sizeMm, 'mono', true, text),
    ],
  }
}

const udnBlock = (udn: string, column: Column): Block => {
  const [a = '', b = '', c = '', d = '', e = ''] = udn.replace(/^uuid:/, '').split('-')
  const lines = [`${a}-${b}-${c}-`, `${d}-${e}`]
  const captionMm = captionSize(column)
  const fitMm = column.widthMm / ((lines[0]?.length ?? 1) * TYPE.monoAdvance)
  const sizeMm = Math.min(0.075 * column.heightMm, fitMm)
  return {
    heightMm: captionMm * 1.05 + lines.length * sizeMm * LINE_GAP,
    items: [
      line(column, 0, captionMm, 'sans', false, 'UDN'),
      ...lines.map((text, i) =>
        line(column, captionMm * 1.05 + i * sizeMm * LINE_GAP, sizeMm, 'mono', true, text),
      ),
    ],
  }
}

const captionSize = ({ heightMm }: Column): number => Math.min(2.4, 0.062 * heightMm)

const line = (
  { xMm, widthMm }: Column,
  topMm: number,
  sizeMm: number,
  face: LabelLine['face'],
  bold: boolean,
  text: string,
): LabelLine => ({
  kind: 'text',
  xMm,
  baselineMm: topMm + TYPE.ascent * sizeMm,
  widthMm: face === 'mono' ? text.length * TYPE.monoAdvance * sizeMm : widthMm,
  sizeMm,
  face,
  bold,
  text,
})

/** In one line if it stays readable, else in the number of lines that lets it be largest. */
const brokenToFit = (text: string, widthMm: number, largestMm: number, roomMm: number) => {
  const ways = [1, 2, 3].map((count) => {
    const lines = broken(text, count)
    const longest = Math.max(...lines.map((part) => part.length))
    const sizeMm = Math.min(
      largestMm,
      widthMm / (longest * TYPE.monoAdvance),
      roomMm / (lines.length * LINE_GAP),
    )
    return { lines, sizeMm }
  })
  const readable = ways.find(({ sizeMm }) => sizeMm >= SERIAL_READABLE_MM)
  return readable ?? ways.reduce((best, way) => (way.sizeMm > best.sizeMm ? way : best))
}

/** `count` parts of about the same length, broken behind a separator where one is near. */
const broken = (text: string, count: number): string[] => {
  if (count <= 1 || text.length <= count) return [text]
  const even = Math.ceil(text.length / count)
  const near = [even, even - 1, even + 1, even - 2, even + 2].find((at) => /[-.]/.test(text[at - 1] ?? ''))
  const at = near !== undefined && near > 0 && near < text.length ? near : even
  return [text.slice(0, at), ...broken(text.slice(at), count - 1)]
}

/** No less than the width of a bold text in any usual sans serif face, in ems. */
const sansWidth = (text: string): number =>
  [...text].reduce((sum, letter) => sum + letterWidth(letter), 0) || 1

const letterWidth = (letter: string): number => {
  if (/[ijl.,:;|!'`() \-[\]frtI]/.test(letter)) return 0.45
  if (/[mwMW@%]/.test(letter)) return 1.05
  if (/[A-Z&]/.test(letter)) return 0.82
  return letter.charCodeAt(0) < 0x250 ? 0.7 : 1.2
}

const qrCode = (text: string, xMm: number, yMm: number, sideMm: number): LabelModules => {
  const { modules } = create(text, { errorCorrectionLevel: 'M' })
  const count = modules.size
  const moduleMm = sideMm / (count + 2 * QUIET_MODULES)
  const quietMm = QUIET_MODULES * moduleMm
  const dark = Array.from(modules.data, (bit) => bit === 1)
  return { kind: 'modules', xMm: xMm + quietMm, yMm: yMm + quietMm, moduleMm, count, dark }
}
