/** A label carries its facts, readable by people and scanners, whatever their length. */
import fc from 'fast-check'
import { create } from 'qrcode'
import { describe, expect, it } from 'vitest'
import { LABEL_SIZE_NAMES, LABEL_SIZES, labelText, readLabelText } from '../../electron/contract/label'
import { type LabelContent, layoutLabel, layoutPages } from '../../electron/factory/label'
import {
  darkRuns,
  type LabelDrawing,
  type LabelLine,
  type LabelModules,
  QUIET_MODULES,
  TYPE,
} from '../../electron/factory/label-drawing'

const USUAL: LabelContent = {
  model: 'PX-200',
  udn: 'uuid:0f3a9c2b-1d4e-4f60-8a1b-2c3d4e5f6071',
  serialNumber: 'PX200-01204',
  setupCode: 'K7QF2M9X',
}
/** The longest serial number and model that the contract lets in. */
const LONGEST: LabelContent = { ...USUAL, model: 'W'.repeat(31), serialNumber: 'W'.repeat(40) }

const letters = (alphabet: string, max: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: max })
const anyContent: fc.Arbitrary<LabelContent> = fc.record({
  model: letters('PXabc-200 .Wmé', 31),
  udn: fc.uuid().map((uuid) => `uuid:${uuid}`),
  serialNumber: letters('ABXYZ0123456789abc-.', 39).map((tail) => `S${tail}`),
  setupCode: fc.string({
    unit: fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'),
    minLength: 8,
    maxLength: 8,
  }),
})

const linesOf = ({ items }: LabelDrawing): LabelLine[] => items.filter((item) => item.kind === 'text')
const codeOf = ({ items }: LabelDrawing): LabelModules => {
  const [code] = items.filter((item) => item.kind === 'modules')
  if (!code) throw new Error('no QR code')
  return code
}
const boxOf = ({ xMm, baselineMm, widthMm, sizeMm }: LabelLine) => ({
  left: xMm,
  right: xMm + widthMm,
  top: baselineMm - TYPE.ascent * sizeMm,
  bottom: baselineMm + TYPE.descent * sizeMm,
})
const textsOf = (drawing: LabelDrawing): string[] => linesOf(drawing).map(({ text }) => text)
const ROUNDING_MM = 1e-6

const expectInside = (drawing: LabelDrawing): void => {
  const code = codeOf(drawing)
  const quietMm = QUIET_MODULES * code.moduleMm
  const codeRight = code.xMm + code.count * code.moduleMm + quietMm
  const boxes = linesOf(drawing).map(boxOf)
  for (const box of boxes) {
    expect(box.left).toBeGreaterThanOrEqual(codeRight - ROUNDING_MM)
    expect(box.right).toBeLessThanOrEqual(drawing.widthMm - 1)
    expect(box.top).toBeGreaterThanOrEqual(1)
    expect(box.bottom).toBeLessThanOrEqual(drawing.heightMm - 1)
  }
  for (const [i, box] of boxes.entries()) {
    const next = boxes[i + 1]
    if (next) expect(box.bottom).toBeLessThanOrEqual(next.top + ROUNDING_MM)
  }
}

describe.each(LABEL_SIZE_NAMES)('a label %s', (size) => {
  it('keeps every text inside, beside the QR code and clear of the others', () => {
    expectInside(layoutLabel(LONGEST, size))
    fc.assert(fc.property(anyContent, (content) => expectInside(layoutLabel(content, size))))
  })

  it('keeps its frame around the setup code and off the lines above and below', () => {
    for (const content of [USUAL, LONGEST]) {
      const drawing = layoutLabel(content, size)
      const [frame] = drawing.items.filter((item) => item.kind === 'frame')
      if (!frame) throw new Error('no frame')
      const inside = linesOf(drawing).filter(({ baselineMm }) => {
        return baselineMm > frame.yMm && baselineMm < frame.yMm + frame.heightMm
      })
      expect(inside.map(({ text }) => text)).toEqual(['Setup code', 'K7QF 2M9X'])
      const others = linesOf(drawing).filter((line) => !inside.includes(line))
      for (const { top, bottom } of others.map(boxOf))
        expect(bottom <= frame.yMm + ROUNDING_MM || top >= frame.yMm + frame.heightMm - ROUNDING_MM).toBe(
          true,
        )
    }
  })

  it('says model, serial number, setup code in two groups, and UDN, in letters that can be read', () => {
    fc.assert(
      fc.property(anyContent, (content) => {
        const drawing = layoutLabel(content, size)
        const joined = textsOf(drawing).join('')
        expect(textsOf(drawing)).toContain(content.model)
        expect(joined).toContain(content.serialNumber)
        expect(textsOf(drawing)).toContain(`${content.setupCode.slice(0, 4)} ${content.setupCode.slice(4)}`)
        expect(joined).toContain(content.udn.slice('uuid:'.length))
        for (const { face, sizeMm } of linesOf(drawing))
          expect(sizeMm).toBeGreaterThanOrEqual(face === 'mono' ? 1.5 : 0.8)
      }),
    )
  })

  it('has a QR code of exactly the label text, with its quiet zone on the label', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constant(LONGEST), anyContent), (content) => {
        const drawing = layoutLabel(content, size)
        const code = codeOf(drawing)
        const wanted = create(labelText(content), { errorCorrectionLevel: 'M' }).modules
        expect(code.count).toBe(wanted.size)
        expect(code.dark.map(Number)).toEqual([...wanted.data])
        expect(code.moduleMm).toBeGreaterThanOrEqual(0.33)
        const quietMm = QUIET_MODULES * code.moduleMm - ROUNDING_MM
        const sideMm = code.count * code.moduleMm
        expect(Math.min(code.xMm, code.yMm)).toBeGreaterThanOrEqual(quietMm)
        expect(drawing.heightMm - code.yMm - sideMm).toBeGreaterThanOrEqual(quietMm)
      }),
      { numRuns: 30 },
    )
  })
})

describe('the text in the QR code', () => {
  it('gives back the facts', () => {
    fc.assert(
      fc.property(anyContent, ({ model: _, ...facts }) => {
        expect(readLabelText(labelText(facts))).toEqual(facts)
      }),
    )
  })
})

describe('the runs of a QR code', () => {
  it('cover every dark module once and no light one', () => {
    const code = codeOf(layoutLabel(USUAL, 'single-62x29'))
    const drawn = new Array<number>(code.count ** 2).fill(0)
    for (const { xMm, yMm, widthMm } of darkRuns(code)) {
      const column = Math.round((xMm - code.xMm) / code.moduleMm)
      const row = Math.round((yMm - code.yMm) / code.moduleMm)
      for (let i = 0; i < Math.round(widthMm / code.moduleMm); i += 1) {
        const at = row * code.count + column + i
        drawn[at] = (drawn[at] ?? 0) + 1
      }
    }
    expect(drawn).toEqual(code.dark.map(Number))
  })
})

describe('labels on paper', () => {
  it('are a page each where the size is a single one', () => {
    const pages = layoutPages([USUAL, LONGEST], 'single-62x29')
    expect(pages).toEqual([USUAL, LONGEST].map((content) => layoutLabel(content, 'single-62x29')))
  })

  it.each(['sheet-a4-3x8', 'sheet-letter-3x10'] as const)('fill %s row by row, each in its place', (size) => {
    const { sheet, widthMm, heightMm } = LABEL_SIZES[size]
    const perPage = sheet.columns * sheet.rows
    const contents = Array.from({ length: perPage + 2 }, (_, i) => ({ ...USUAL, serialNumber: `N-${i}` }))
    const pages = layoutPages(contents, size, 3)
    expect(pages.map((page) => [page.widthMm, page.heightMm])).toEqual([
      [sheet.widthMm, sheet.heightMm],
      [sheet.widthMm, sheet.heightMm],
    ])
    expect(pages.map((page) => page.items.filter((item) => item.kind === 'modules').length)).toEqual([
      perPage - 3,
      5,
    ])
    for (const [index, { serialNumber }] of contents.entries()) {
      const place = index + 3
      const page = pages[Math.floor(place / perPage)]
      const line = page && linesOf(page).find(({ text }) => text === serialNumber)
      if (!line) throw new Error(`no ${serialNumber}`)
      const left = sheet.leftMm + (place % sheet.columns) * (widthMm + sheet.gapXMm)
      const top = sheet.topMm + (Math.floor(place / sheet.columns) % sheet.rows) * (heightMm + sheet.gapYMm)
      expect(line.xMm).toBeGreaterThan(left)
      expect(line.xMm + line.widthMm).toBeLessThan(left + widthMm)
      expect(line.baselineMm).toBeGreaterThan(top)
      expect(line.baselineMm).toBeLessThan(top + heightMm)
      expect(left + widthMm).toBeLessThanOrEqual(sheet.widthMm)
      expect(top + heightMm).toBeLessThanOrEqual(sheet.heightMm)
    }
  })
})
