/** `report.pdf`: A4, the fonts of every viewer, tagged for screen readers, the same bytes for the same content. */
import type { ReportContent } from '../contract/report'
import { PAGE, Paper } from './paper'
import { drawDevices, drawFeet, drawOpen, drawProof, drawSignatures, drawWork } from './pdf-sections'
import { drawTitle } from './pdf-title'
import { wordsOf } from './words'

/** The bytes of the file; open items come first, then devices, work, how to check it, and the lines to sign on. */
export const reportPdf = async (content: ReportContent): Promise<Buffer> => {
  // Read when a report is made, not when the program starts.
  const { default: PDFDocument } = await import('pdfkit')
  const { text } = wordsOf(content.language)
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
      Title: `${text.title} ${content.sequence}: ${content.site.name}`,
      Author: content.technician.name,
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
  const paper = new Paper(document, root)
  drawTitle(paper, content)
  if (content.open.length > 0 || paper.y > PAGE.height / 2) paper.newPage()
  await drawOpen(paper, content)
  await drawDevices(paper, content)
  await drawWork(paper, content)
  drawProof(paper, content)
  drawSignatures(paper, content)
  drawFeet(paper, content)
  root.end()
  document.end()
  await written
  return Buffer.concat(parts)
}
