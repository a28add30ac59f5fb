/** `certificate.pdf`: one page A4, tagged for screen readers, the same bytes for the same content. */
import type { CertificateContent } from './decommission-content'
import { certificateWords } from './decommission-words'
import { COLUMN, INK, PAGE, Paper, type TextStyle } from './paper'
import { dateTime } from './pdf-title'
import { fill } from './words'

const LEADING = 1.28
const NAME: TextStyle = { size: 9, ink: 'mute' }
const VALUE: TextStyle = { size: 9.5 }
const MONO: TextStyle = { size: 7.5, face: 'mono' }
const INDENT = 128
/** Serial numbers on paper; the rest stand in the JSON. */
const REVOKED_MOST = 4
/** The note is whole in the JSON. */
const NOTE_LINES = 4

type Fact = readonly [name: string, value: string, style?: TextStyle, lines?: number]

/** The bytes of the file. */
export const certificatePdf = async (content: CertificateContent): Promise<Buffer> => {
  const { default: PDFDocument } = await import('pdfkit')
  const { text } = certificateWords(content.language)
  const made = new Date(content.madeAt)
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    bufferPages: true,
    pdfVersion: '1.7',
    tagged: true,
    lang: content.language === 'de' ? 'de-DE' : 'en-GB',
    displayTitle: true,
    info: {
      Title: `${text.title} ${content.sequence}: ${content.device.name}`,
      Author: content.order.by,
      Creator: content.program,
      Producer: content.program,
      CreationDate: made,
      ModDate: made,
    },
  })
  const parts: Buffer[] = []
  const written = new Promise<void>((resolve, reject) => {
    document.on('data', (part: Buffer) => parts.push(part))
    document.on('end', () => resolve())
    document.on('error', reject)
  })
  const root = document.struct('Document')
  document.addStructure(root)
  draw(new Paper(document, root), content)
  root.end()
  document.end()
  await written
  return Buffer.concat(parts)
}

const draw = (paper: Paper, content: CertificateContent): void => {
  const { text, reason } = certificateWords(content.language)
  const { device, order, site, proof, wiped } = content
  paper.decorate(() => paper.document.rect(PAGE.side, PAGE.top - 14, 44, 4).fill(INK.accent))
  paper.paragraph(text.title, { size: 21, face: 'bold' }, 'H1')
  paper.y += 4
  paper.sign('check', PAGE.side, paper.y, 12, 'ok')
  const lead: TextStyle = { size: 9.5 }
  block(paper, text.lead, lead, PAGE.side + 20, COLUMN - 20)
  section(paper, text.device, [
    [text.number, `${content.sequence} · ${dateTime(content.madeAt)}`],
    [text.name, device.name || text.none],
    [text.model, device.model],
    [text.serial, device.serialNumber],
    [text.udn, device.udn, MONO],
    ...(device.place ? [[text.place, device.place] as const] : []),
  ])
  section(paper, text.order, [
    [text.site, site.name || text.none],
    [text.controller, site.controllerUdn, MONO],
    [text.ordered, `${dateTime(order.at)} ${fill(text.by, { name: order.by || text.none })}`],
    [text.reason, reason[order.reason]],
    ...(order.note.trim() ? [[text.note, order.note.trim(), VALUE, NOTE_LINES] as const] : []),
    [text.revoked, revokedText(content), MONO, REVOKED_MOST + 1],
    ...(content.crlNumber === undefined ? [] : [[text.list, String(content.crlNumber)] as const]),
  ])
  heading(paper, text.wiped)
  drawItems(paper, content)
  block(paper, fill(text.wipes, { n: wiped.wipes }), NAME, PAGE.side, COLUMN)
  section(paper, text.proof, [
    [text.proven, dateTime(proof.provenAt)],
    [text.identity, proof.idevid, MONO],
    [text.nonce, order.nonce, MONO, 2],
  ])
  drawHow(paper, content)
  drawFoot(paper, content)
}

const revokedText = ({ revoked, language }: CertificateContent): string => {
  const { text } = certificateWords(language)
  if (revoked.length === 0) return text.revokedNone
  const shown = revoked
    .slice(0, REVOKED_MOST)
    .map(({ kind, serialNumber, at }) => `${kind} ${serialNumber.slice(0, 40)} ${dateTime(at)}`)
  const more = revoked.length - shown.length
  return [...shown, ...(more > 0 ? [fill(text.revokedMore, { n: more })] : [])].join('\n')
}

const heading = (paper: Paper, text: string): void => {
  paper.y += 9
  paper.paragraph(text, { size: 12, face: 'bold' }, 'H2')
  paper.y += 2
}

const section = (paper: Paper, title: string, facts: readonly Fact[]): void => {
  heading(paper, title)
  for (const [name, value, style = VALUE, most = 1] of facts) {
    const values = paper.lines(value, COLUMN - INDENT, style, most)
    const names = paper.lines(name, INDENT - 8, NAME, 1)
    const element = paper.element('P')
    paper.draw(element, () => {
      paper.put(names, { x: PAGE.side, y: paper.y }, NAME)
      paper.put(values, { x: PAGE.side + INDENT, y: paper.y + (style === MONO ? 1 : 0) }, style)
    })
    element.end()
    paper.y += Math.max(NAME.size, values.length * style.size) * LEADING + 2
  }
}

const block = (paper: Paper, text: string, style: TextStyle, x: number, width: number): void => {
  const element = paper.element('P')
  const lines = paper.lines(text, width, style, 4)
  paper.draw(element, () => {
    paper.y += paper.put(lines, { x, y: paper.y }, style)
  })
  element.end()
}

/** Two columns; at most one line each. */
const drawItems = (paper: Paper, { wiped, language }: CertificateContent): void => {
  const { text, item: words } = certificateWords(language)
  const half = Math.ceil(wiped.items.length / 2)
  const width = COLUMN / 2
  const height = NAME.size * LEADING + 1.5
  const list = paper.element('L')
  for (const [i, { item, bytes }] of wiped.items.entries()) {
    const x = PAGE.side + (i < half ? 0 : width)
    const y = paper.y + (i % half) * height
    const said = bytes === 0 ? text.nothing : fill(text.bytes, { n: bytes.toLocaleString(language) })
    paper.sign(bytes === 0 ? 'dash' : 'check', x, y, 9, bytes === 0 ? 'mute' : 'ok')
    const entry = paper.element('LI', list)
    paper.draw(entry, () => {
      paper.put(paper.lines(words[item], width - 90, NAME, 1), { x: x + 14, y }, { ...NAME, ink: 'ink' })
      paper.put([said], { x: x + width - 72, y }, NAME)
    })
  }
  list.end()
  paper.y += half * height + 3
}

/** Commands that stand on one line each, so that they can be copied. */
const drawHow = (paper: Paper, { site, language }: CertificateContent): void => {
  const { text } = certificateWords(language)
  heading(paper, text.how)
  const say = (words: string): void => block(paper, words, NAME, PAGE.side, COLUMN)
  const command = (line: string): void =>
    block(paper, line, { size: 7.5, face: 'mono' }, PAGE.side + 10, COLUMN - 10)
  say(text.how1)
  command('cli report verify certificate.zip --fingerprint …')
  say(text.how2)
  command('openssl x509 -in identity.pem -pubkey -noout > key.pem')
  command('openssl dgst -sha256 -verify key.pem -signature statement.sig statement.json')
  say(text.how3)
  command(site.authorityFingerprint)
}

const drawFoot = (paper: Paper, { sequence, site, program, language }: CertificateContent): void => {
  const { text } = certificateWords(language)
  const y = PAGE.height - 40
  paper.line(PAGE.side, y - 6, COLUMN)
  paper.decorate(() => {
    const foot = `${fill(text.page, { n: sequence })} · ${site.name} · ${program}`
    paper.put(
      paper.lines(foot, COLUMN, { size: 8, ink: 'mute' }, 1),
      { x: PAGE.side, y },
      { size: 8, ink: 'mute' },
    )
  })
}
