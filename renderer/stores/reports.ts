/** The reports that were made at this site, and the commands about reports and bundles. */
import { create } from 'zustand'
import type {
  BundleScope,
  ReportPart,
  ReportRequest,
  ReportVerdict,
  ReportView,
} from '../../electron/contract/report'
import { call } from '../bridge'

interface Reports {
  /** Newest first; absent until the first answer has come. */
  readonly reports: readonly ReportView[] | undefined
}

export const useReports = create<Reports>(() => ({ reports: undefined }))

const { setState } = useReports

/** Throws CallError. */
export const loadReports = async (): Promise<void> => setState({ reports: await call('report.list') })

/** Makes the next report and shows it in the list. Throws CallError. */
export const makeReport = async (request: ReportRequest): Promise<ReportView> => {
  const made = await call('report.make', request)
  await loadReports()
  return made
}

/** Where it was saved; undefined when the person closed the dialog. Throws CallError. */
export const saveReport = async (sequence: number, part: ReportPart): Promise<string | undefined> => {
  const { saved, path } = await call('report.save', { sequence, part })
  return saved ? (path ?? '') : undefined
}

/** Asks for a file and judges it; undefined when the person closed the dialog. Throws CallError. */
export const verifyReport = (): Promise<ReportVerdict | undefined> => call('report.verify')

/** Where the bundle was saved; undefined when the person closed the dialog. Throws CallError. */
export const makeBundle = async (scope: BundleScope): Promise<string | undefined> => {
  const { saved, path } = await call('bundle.make', scope)
  return saved ? (path ?? '') : undefined
}
