import type { ReportVerdict, ReportView } from '../../../electron/contract/report'

export interface ReportsSample {
  readonly reports: readonly ReportView[]
  readonly reportVerdict: ReportVerdict
}

const DAY = 86_400_000
const report = (sequence: number, more: Partial<ReportView> = {}): ReportView => ({
  sequence,
  madeAtMs: Date.now() - (7 - sequence) * 9 * DAY,
  technician: 'Technician 17',
  customer: 'Example customer',
  devices: 20 + sequence,
  open: 0,
  hash: `${(sequence * 7919).toString(16)}${'5e1a90c4'.repeat(8)}`.slice(0, 64),
  ...more,
})

export const rightVerdict: ReportVerdict = {
  ok: true,
  problems: [],
  sequence: 2,
  madeAt: '2027-01-15T12:00:00Z',
  site: 'Example site',
  signer: { subject: 'CN=Example site controller', fingerprint: 'ab'.repeat(32) },
}

export const wrongVerdict: ReportVerdict = {
  ok: false,
  problems: [
    { kind: 'file-changed', detail: 'report.pdf' },
    { kind: 'file-extra', detail: 'report-final.docx' },
    { kind: 'signature', detail: 'the manifest is not the one that was signed' },
  ],
  sequence: 2,
}

/** Six reports, newest first. */
export const reportsSample = (more: Partial<ReportsSample> = {}): ReportsSample => ({
  reports: [
    report(6, { open: 12 }),
    report(5, { customer: 'A customer with a name that is much longer than its column is wide' }),
    report(4, { customer: '', open: 1 }),
    report(3),
    report(2, { technician: 'Technician with a long name as well', open: 4, devices: 4812 }),
    report(1),
  ],
  reportVerdict: rightVerdict,
  ...more,
})
