/** The first page of a report: whose it is, how it stands, in figures with signs. */
import type { ReportContent } from '../contract/report'
import { standOf } from './content'
import { COLUMN, INK, type InkName, PAGE, type Paper, type SignName, type TextStyle } from './paper'
import { fill, wordsOf } from './words'

const NAME: TextStyle = { size: 9, ink: 'mute' }
const VALUE: TextStyle = { size: 10 }
const LEADING = 1.28

/** `2027-01-15 12:00 UTC`, the same in every language. */
export const dateTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`

export const drawTitle = (paper: Paper, content: ReportContent): void => {
  const { text } = wordsOf(content.language)
  paper.decorate(() => {
    paper.document.rect(PAGE.side, PAGE.top, 44, 4).fill(INK.accent)
  })
  paper.y += 18
  paper.paragraph(text.title, { size: 24, face: 'bold' }, 'H1')
  paper.paragraph(content.site.name || text.none, { size: 15, ink: 'mute' })
  paper.y += 14
  drawFacts(paper, factsOf(content))
  paper.y += 14
  drawCounts(paper, content)
  drawStand(paper, content)
  if (content.notes.trim() !== '') {
    paper.y += 10
    paper.heading(text.notes)
    paper.paragraph(content.notes.trim(), { size: 10 })
  }
}

const factsOf = (content: ReportContent): (readonly [name: string, value: string, mono?: boolean])[] => {
  const { text } = wordsOf(content.language)
  const { technician, site } = content
  return [
    [text.number, String(content.sequence)],
    [text.madeAt, dateTime(content.madeAt)],
    [text.site, site.name || text.none],
    [text.customer, content.customer || text.none],
    [text.place, content.place || text.none],
    [text.technician, technician.name || text.none],
    [text.authority, site.authority],
    [text.controller, site.controllerUdn, true],
    content.previous === undefined ? [text.previous, text.first] : [text.previous, content.previous, true],
    [text.program, content.program],
  ]
}

const drawFacts = (
  paper: Paper,
  facts: readonly (readonly [name: string, value: string, mono?: boolean])[],
): void => {
  const indent = 120
  for (const [name, value, mono] of facts) {
    const style: TextStyle = mono ? { size: 8.5, face: 'mono' } : VALUE
    const names = paper.lines(name, indent - 10, NAME, 2)
    const values = paper.lines(value, COLUMN - indent, style, 4)
    const height = Math.max(names.length * NAME.size, values.length * style.size) * LEADING + 5
    paper.need(height)
    const element = paper.element('P')
    paper.draw(element, () => {
      paper.put(names, { x: PAGE.side, y: paper.y + 1 }, NAME)
      paper.put(values, { x: PAGE.side + indent, y: paper.y }, style)
    })
    element.end()
    paper.y += height
  }
}

const BOXES = 3
const BOX_HEIGHT = 52
const BOX_GAP = 10

/** The figures: the four kinds add up to the devices. */
const drawCounts = (paper: Paper, content: ReportContent): void => {
  const { text } = wordsOf(content.language)
  const { counts } = content
  const other = content.devices.filter((device) => standOf(device) === 'other').length
  const bad = (count: number, ink: InkName, sign: SignName): readonly [SignName, InkName] =>
    count === 0 ? ['dash', 'mute'] : [sign, ink]
  const figures: readonly (readonly [string, number, readonly [SignName, InkName]])[] = [
    [text.inOperation, counts.inOperation, bad(counts.inOperation, 'ok', 'check')],
    [text.failed, counts.failed, bad(counts.failed, 'bad', 'cross')],
    [text.offline, counts.offline, bad(counts.offline, 'bad', 'cross')],
    [text.other, other, bad(other, 'warn', 'warning')],
    [text.expectedMissing, counts.expectedMissing, bad(counts.expectedMissing, 'bad', 'cross')],
    [text.alarms, counts.alarms, bad(counts.alarms, 'warn', 'warning')],
  ]
  paper.paragraph(`${text.devices}: ${counts.devices}`, { size: 14, face: 'bold' }, 'H2')
  paper.y += 6
  const width = (COLUMN - (BOXES - 1) * BOX_GAP) / BOXES
  const list = paper.element('L')
  for (const [i, [name, count, [sign, ink]]] of figures.entries()) {
    const x = PAGE.side + (i % BOXES) * (width + BOX_GAP)
    const y = paper.y + Math.floor(i / BOXES) * (BOX_HEIGHT + BOX_GAP)
    paper.decorate(() => {
      paper.document.lineWidth(0.8).roundedRect(x, y, width, BOX_HEIGHT, 5).stroke(INK.line)
    })
    paper.sign(sign, x + 12, y + 11, 13, ink)
    const item = paper.element('LI', list)
    paper.draw(item, () => {
      paper.put([String(count)], { x: x + 32, y: y + 8 }, { size: 17, face: 'bold' })
      paper.put(paper.lines(name, width - 24, NAME, 1), { x: x + 12, y: y + 33 }, NAME)
    })
  }
  list.end()
  paper.y += 2 * BOX_HEIGHT + BOX_GAP + 8
  paper.paragraph(text.counting, { size: 8, ink: 'mute' })
}

const drawStand = (paper: Paper, content: ReportContent): void => {
  const { text } = wordsOf(content.language)
  const { length } = content.open
  const sentence =
    length === 0 ? text.openNone : fill(length === 1 ? text.openOne : text.openSome, { n: length })
  const style: TextStyle = { size: 11, face: 'bold' }
  paper.y += 10
  paper.need(24)
  paper.sign(length === 0 ? 'check' : 'warning', PAGE.side, paper.y, 13, length === 0 ? 'ok' : 'warn')
  const element = paper.element('P')
  paper.draw(element, () => {
    paper.put(paper.lines(sentence, COLUMN - 20, style, 2), { x: PAGE.side + 20, y: paper.y + 1 }, style)
  })
  element.end()
  paper.y += 24
}
