/** A label drawing becomes the same label as SVG and as PDF. */

import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { LABEL_SIZE_NAMES, LABEL_SIZES } from '../../electron/contract/label'
import { type LabelContent, layoutLabel, layoutPages } from '../../electron/factory/label'
import type { LabelDrawing } from '../../electron/factory/label-drawing'
import { drawingsPdf } from '../../electron/factory/label-pdf'
import { drawingSvg, escapeXml } from '../../electron/factory/label-svg'

const CONTENT: LabelContent = {
  model: 'PX-200',
  udn: 'uuid:0f3a9c2b-1d4e-4f60-8a1b-2c3d4e5f6071',
  serialNumber: 'PX200-01204',
  setupCode: 'K7QF2M9X',
}

const wordsOf = (svg: string): string[] => {
  const parsed: unknown = new XMLParser({ trimValues: false, parseTagValue: false }).parse(svg)
  const texts = (parsed as { svg: { text: string[] } }).svg.text
  return texts.map(String)
}

describe('a label as SVG', () => {
  it.each(LABEL_SIZE_NAMES)('of size %s has its true size and every text', (size) => {
    const drawing = layoutLabel(CONTENT, size)
    const svg = drawingSvg(drawing)
    expect(XMLValidator.validate(svg)).toBe(true)
    const { widthMm, heightMm } = LABEL_SIZES[size]
    expect(svg).toContain(`width="${widthMm}mm" height="${heightMm}mm" viewBox="0 0 ${widthMm} ${heightMm}"`)
    const texts = drawing.items.flatMap((item) => (item.kind === 'text' ? [item.text] : []))
    expect(wordsOf(svg)).toEqual(texts)
  })

  it('holds what a device calls its model as text, never as markup', () => {
    const model = `</text><script>x('&')</script>"`
    const svg = drawingSvg(layoutLabel({ ...CONTENT, model }, 'single-100x50'))
    expect(XMLValidator.validate(svg)).toBe(true)
    expect(svg).not.toContain('<script')
    expect(wordsOf(svg)).toContain(model)
  })

  it('stays well-formed for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(XMLValidator.validate(`<a b="${escapeXml(a)}">${escapeXml(b)}</a>`)).toBe(true)
      }),
    )
    expect(escapeXml('a\u0000b\ud800c\uffff')).toBe('a\ufffdb\ufffdc\ufffd')
  })
})

describe('labels as PDF', () => {
  const pagesOf = async (pages: readonly LabelDrawing[]): Promise<number[][]> => {
    const bytes = await drawingsPdf(pages, 'Labels')
    expect(bytes.subarray(0, 5).toString('latin1')).toBe('%PDF-')
    expect(bytes.subarray(-6).toString('latin1').trim()).toBe('%%EOF')
    const boxes = [...bytes.toString('latin1').matchAll(/\/MediaBox \[([^\]]*)\]/g)]
    return boxes.map(([, box = '']) => box.split(' ').map((point) => (Number(point) * 25.4) / 72))
  }
  const close = (mm: number) => expect.closeTo(mm, 2)

  it.each(LABEL_SIZE_NAMES)('of size %s have a page for each paper, in its true size', async (size) => {
    const pages = layoutPages(
      Array.from({ length: 25 }, () => CONTENT),
      size,
    )
    const label = LABEL_SIZES[size]
    const { widthMm, heightMm } = 'sheet' in label ? label.sheet : label
    const count = 'sheet' in label ? Math.ceil(25 / (label.sheet.columns * label.sheet.rows)) : 25
    const box = [0, 0, close(widthMm), close(heightMm)]
    expect(await pagesOf(pages)).toEqual(Array.from({ length: count }, () => box))
  })

  it('take any model name, and refuse to be no page at all', async () => {
    const drawing = layoutLabel({ ...CONTENT, model: 'Pumpe ÄÖ – 泵 <(\\' }, 'single-50x25')
    expect(await pagesOf([drawing])).toHaveLength(1)
    await expect(drawingsPdf([], 'Labels')).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })
})
