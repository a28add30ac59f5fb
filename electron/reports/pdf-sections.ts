/** The pages of a report behind the first: open items, devices, work, how to check it, signatures. */
import { claimOf } from '../contract/fingerprint'
import type { ReportContent, ReportDevice } from '../contract/report'
import { COLUMN, PAGE, type Paper, type TextStyle } from './paper'
import { drawTable, type TableCell } from './paper-table'
import { dateTime } from './pdf-title'
import { fill, openDetail, wordFor, wordsOf } from './words'

const HINT: TextStyle = { size: 9, ink: 'mute' }
const MONO: TextStyle = { size: 8, face: 'mono' }
const BODY: TextStyle = { size: 9.5 }
/** Of a heading with its hint, the head of a table and one row, however long the names in it. */
const BEGUN = 210

const GRAVE: ReadonlySet<string> = new Set([
  'missing',
  'not-trusted',
  'job-failed',
  'certificate-expired',
  'unhealthy',
  'offline',
])

export const drawOpen = async (paper: Paper, { open, language }: ReportContent): Promise<void> => {
  const { text, open: kinds } = wordsOf(language)
  paper.heading(text.openTitle)
  paper.paragraph(open.length === 0 ? text.openNone : text.openHint, HINT)
  paper.y += 6
  if (open.length === 0) return
  const columns = [
    { head: text.what, share: 28 },
    { head: text.name, share: 30 },
    { head: text.serial, share: 20 },
    { head: text.detail, share: 40 },
  ]
  const rows = open.map((item): TableCell[] => [
    {
      text: wordFor(kinds, item.what),
      bold: true,
      sign: GRAVE.has(item.what) ? ['cross', 'bad'] : ['warning', 'warn'],
    },
    { text: item.name },
    item.serialNumber ? { text: item.serialNumber } : { text: '', sub: item.udn },
    { text: openDetail(item, language) },
  ])
  await drawTable(paper, columns, rows)
}

export const drawDevices = async (paper: Paper, content: ReportContent): Promise<void> => {
  const { text } = wordsOf(content.language)
  const { devices } = content
  paper.y += 10
  if (devices.length > 0) paper.need(BEGUN)
  paper.heading(`${text.devicesTitle} (${devices.length})`)
  paper.paragraph(devices.length === 0 ? text.devicesNone : text.devicesHint, HINT)
  paper.y += 6
  if (devices.length === 0) return
  const columns = [
    { head: `${text.name}, ${text.model}`, share: 25 },
    { head: text.serial, share: 17 },
    { head: text.group, share: 13 },
    { head: text.stateHead, share: 20 },
    { head: text.firmware, share: 13 },
    { head: text.configuration, share: 13 },
    { head: text.certificate, share: 17 },
    { head: text.health, share: 20 },
  ]
  await drawTable(
    paper,
    columns,
    (function* () {
      for (const device of devices) yield deviceRow(device, content.language)
    })(),
  )
}

const deviceRow = (device: ReportDevice, language: ReportContent['language']): TableCell[] => {
  const { text, state } = wordsOf(language)
  const { certificate, configurationVersion } = device
  return [
    { text: device.name, sub: device.model, bold: true },
    device.serialNumber
      ? { text: device.serialNumber }
      : { text: text.unknown, sub: device.udn.replace(/^uuid:/, '') },
    { text: device.group ?? '–' },
    {
      text: wordFor(state, device.state),
      sub: device.online
        ? undefined
        : device.lastSeen && fill(text.lastSeen, { date: device.lastSeen.slice(0, 10) }),
      sign: stateSign(device),
    },
    {
      text: device.firmwareVersion ?? text.unknown,
      sub: device.activeBank && fill(text.bank, { slot: device.activeBank }),
    },
    { text: configurationVersion === undefined ? text.unknown : String(configurationVersion) },
    certificate
      ? { text: certificate.notAfter.slice(0, 10), sub: claimOf(certificate.fingerprint) }
      : { text: text.unknown },
    healthCell(device, language),
  ]
}

const stateSign = ({ state, online }: ReportDevice): TableCell['sign'] => {
  if (state === 'healthy') return ['check', 'ok']
  if (!online || BAD_STATES.has(state)) return ['cross', 'bad']
  return ['warning', 'warn']
}

const BAD_STATES: ReadonlySet<string> = new Set(['failed', 'not-trusted', 'unhealthy', 'offline'])

const healthCell = ({ health, check }: ReportDevice, language: ReportContent['language']): TableCell => {
  const { text, alarm, verdict } = wordsOf(language)
  const date = check && fill(text.checked, { date: check.at.slice(0, 10) })
  const checked = check && check.verdict !== 'ok' ? `${date}: ${wordFor(verdict, check.verdict)}` : date
  if (!health) return { text: text.unknown, sub: checked }
  const word = { ok: text.good, warn: text.warned, bad: text.bad }[health.level] ?? health.level
  const alarms = health.alarms.map((one) => wordFor(alarm, one)).join(', ')
  return { text: alarms ? `${word}: ${alarms}` : word, sub: checked }
}

export const drawWork = async (paper: Paper, { jobs, language }: ReportContent): Promise<void> => {
  const { text, job, jobState } = wordsOf(language)
  paper.y += 10
  if (jobs.length > 0) paper.need(BEGUN)
  paper.heading(`${text.workTitle} (${jobs.length})`)
  paper.paragraph(jobs.length === 0 ? text.workNone : text.workHint, HINT)
  paper.y += 6
  if (jobs.length === 0) return
  const columns = [
    { head: text.kind, share: 40 },
    { head: text.all, share: 12 },
    { head: jobState.done, share: 12 },
    { head: jobState.failed, share: 16 },
    { head: jobState.cancelled, share: 16 },
    { head: text.under, share: 16 },
  ]
  const kinds = [...new Set(jobs.map(({ kind }) => kind))].sort()
  const rows = kinds.map((kind): TableCell[] => {
    const all = jobs.filter((one) => one.kind === kind)
    const count = (state: string): number => all.filter((one) => one.state === state).length
    const [done, failed, cancelled] = [count('done'), count('failed'), count('cancelled')]
    const rest = all.length - done - failed - cancelled
    return [
      { text: wordFor(job, kind), bold: true },
      { text: String(all.length) },
      { text: String(done) },
      { text: String(failed), ...(failed > 0 ? { sign: ['cross', 'bad'] as const } : {}) },
      { text: String(cancelled) },
      { text: String(rest) },
    ]
  })
  await drawTable(paper, columns, rows)
}

export const drawProof = (paper: Paper, content: ReportContent): void => {
  const { text } = wordsOf(content.language)
  const { audit, site } = content
  paper.need(330)
  paper.y += 10
  paper.heading(text.proofTitle)
  paper.paragraph(text.proof1, BODY)
  paper.y += 6
  paper.paragraph(text.proof2, BODY)
  paper.paragraph('cli report verify report.zip --fingerprint …', MONO, 'Code')
  paper.y += 6
  paper.paragraph(text.proof3, BODY)
  paper.paragraph(
    'openssl cms -verify -binary -inform DER -in manifest.p7s -content manifest.json \\',
    MONO,
    'Code',
  )
  paper.paragraph('    -CAfile site-ca.pem -purpose any -no_check_time -out checked.json', MONO, 'Code')
  paper.paragraph('sha256sum report.json report.csv report.pdf site-ca.pem', MONO, 'Code')
  paper.y += 6
  paper.paragraph(`${text.fingerprint}:`, BODY)
  paper.paragraph(site.authorityFingerprint, MONO)
  paper.paragraph(text.proof4, BODY)
  paper.y += 6
  paper.paragraph(
    `${fill(audit.head ? text.auditFact : text.auditNone, { n: audit.lines })}${audit.head ? ':' : ''}`,
    BODY,
  )
  if (audit.head) paper.paragraph(audit.head, MONO)
  if (paper.replaced) {
    paper.y += 6
    paper.paragraph(text.replaced, HINT)
  }
}

export const drawSignatures = (paper: Paper, content: ReportContent): void => {
  const { text } = wordsOf(content.language)
  paper.need(150)
  paper.y += 14
  paper.heading(text.signTitle)
  paper.y += 54
  const width = (COLUMN - 30) / 2
  const names = [
    [text.signTechnician, content.technician.name],
    [text.signCustomer, content.customer],
  ] as const
  for (const [i, [what, name]] of names.entries()) {
    const x = PAGE.side + i * (width + 30)
    paper.line(x, paper.y, width, 'ink', 0.8)
    const element = paper.element('P')
    paper.draw(element, () => {
      const used = paper.put(paper.lines(what, width, HINT, 2), { x, y: paper.y + 5 }, HINT)
      paper.put(paper.lines(name, width, BODY, 2), { x, y: paper.y + 5 + used }, BODY)
    })
    element.end()
  }
  paper.y += 50
}

/** Number of the report and `3 / 12` at the foot of every page, once it is known how many there are. */
export const drawFeet = (paper: Paper, content: ReportContent): void => {
  const { text } = wordsOf(content.language)
  const { document } = paper
  const { start, count } = document.bufferedPageRange()
  const style: TextStyle = { size: 8, ink: 'mute' }
  const about = `${fill(text.page, { n: content.sequence })} · ${content.site.name} · ${dateTime(content.madeAt)}`
  const y = PAGE.height - PAGE.bottom + 22
  for (let i = 0; i < count; i += 1) {
    document.switchToPage(start + i)
    document.page.margins.bottom = 0
    const page = `${i + 1} / ${count}`
    document.markContent('Artifact', { type: 'Pagination', attached: ['Bottom'] })
    paper.put(paper.lines(about, COLUMN - 70, style, 1), { x: PAGE.side, y }, style)
    const width = document.widthOfString(page)
    paper.put([page], { x: PAGE.side + COLUMN - width, y }, style)
    document.endMarkedContent()
  }
}
