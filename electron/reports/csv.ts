/** `report.csv`: the same as report.json in one table; the first column says what a row is about. */
import { stringify } from 'csv-stringify/sync'
import type { ReportContent } from '../contract/report'

const COLUMNS = [
  'record',
  'name',
  'value',
  'udn',
  'serialNumber',
  'model',
  'group',
  'phase',
  'state',
  'online',
  'lastSeen',
  'firmwareVersion',
  'activeBank',
  'banks',
  'configurationVersion',
  'certificateKind',
  'certificateSerialNumber',
  'certificateFingerprint',
  'certificateNotAfter',
  'health',
  'alarms',
  'check',
  'checkAt',
  'findings',
  'failedJob',
  'code',
  'at',
] as const
type Row = { readonly [K in (typeof COLUMNS)[number]]?: string | number | undefined }

/** UTF-8 with a byte order mark, so that spreadsheets read umlauts; no cell is taken for a formula. */
export const reportCsv = (content: ReportContent): string =>
  stringify([...facts(content), ...devices(content), ...open(content), ...jobs(content)], {
    header: true,
    columns: [...COLUMNS],
    bom: true,
    record_delimiter: 'windows',
    escape_formulas: true,
  })

const facts = ({ site, technician, counts, audit, ...content }: ReportContent): Row[] => {
  const fact = (name: string, value: string | number | undefined): Row => ({ record: 'fact', name, value })
  return [
    fact('sequence', content.sequence),
    fact('previous', content.previous),
    fact('madeAt', content.madeAt),
    fact('program', content.program),
    fact('site', site.name),
    fact('controllerUdn', site.controllerUdn),
    fact('authority', site.authority),
    fact('authorityFingerprint', site.authorityFingerprint),
    fact('technician', technician.name),
    fact('technicianRole', technician.role),
    fact('customer', content.customer),
    fact('place', content.place),
    fact('notes', content.notes),
    ...Object.entries(counts).map(([name, value]) => fact(name, value)),
    fact('auditLines', audit.lines),
    fact('auditHead', audit.head),
  ]
}

const devices = (content: ReportContent): Row[] =>
  content.devices.map(({ bankStates, certificate, health, check, failed, online, ...device }) => ({
    record: 'device',
    ...device,
    online: online ? 'yes' : 'no',
    banks: bankStates
      .map(({ slot, state, version }) => [slot, state, version].filter(Boolean).join(' '))
      .join('; '),
    certificateKind: certificate?.kind,
    certificateSerialNumber: certificate?.serialNumber,
    certificateFingerprint: certificate?.fingerprint,
    certificateNotAfter: certificate?.notAfter,
    health: health?.level,
    alarms: health?.alarms.join('; '),
    check: check?.verdict,
    checkAt: check?.at,
    findings: check?.findings.join('; '),
    failedJob: failed?.job,
    code: failed?.code,
    at: failed?.at,
  }))

const open = (content: ReportContent): Row[] =>
  content.open.map(({ what, ...item }) => ({ record: 'open', value: what, ...item }))

const jobs = (content: ReportContent): Row[] =>
  content.jobs.map(({ kind, subject, state, at, code }) => ({
    record: 'job',
    name: kind,
    ...(subject.startsWith('uuid:') ? { udn: subject } : { value: subject }),
    state,
    at,
    code,
  }))
