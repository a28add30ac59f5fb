/** `report make`, `report list` and `report verify`; the last needs neither a data folder nor a network. */
import { mkdirSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { IotmcError } from '../contract/errors'
import { REPORT_PARTS, type ReportPart, type ReportVerdict, type ReportView } from '../contract/report'
import { verifyReport } from '../reports/verify'
import type { ReportDesk } from '../site/report-desk'
import { untilHeard } from './device-commands'
import { printJson, printLine } from './output'
import { type SiteOptions, withController } from './with-controller'
import { readText, writeOut } from './write-out'

export interface ReportMakeOptions {
  readonly customer?: string
  readonly place?: string
  readonly notesFile?: string
  readonly language?: string
  readonly udn?: readonly string[]
  /** Where to write it: `.pdf`, `.csv`, `.json`, or `.zip` for all of it with its signature. */
  readonly out?: string
  readonly json?: boolean
}

/** Makes the next report of the site, once its devices were heard or `seconds` have passed. Errors: USAGE, VALUE_INVALID, DEVICE_UNKNOWN, FILE_INVALID. */
export const makeReport = (
  options: ReportMakeOptions & SiteOptions & { readonly seconds: number },
): Promise<void> =>
  withController(options, async (controller) => {
    await untilHeard(controller, options.udn, options.seconds)
    await reportMake(controller.operation().reports, options)
  })

/** The reports of the site. */
export const listReports = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => reportList(controller.operation().reports, options))

/** Makes the next report of an open site. Errors: USAGE, VALUE_INVALID, DEVICE_UNKNOWN, FILE_INVALID. */
export const reportMake = async (desk: ReportDesk, options: ReportMakeOptions): Promise<void> => {
  const { customer = '', place = '', notesFile, language = 'en', udn, out, json } = options
  if (language !== 'en' && language !== 'de')
    throw new IotmcError('USAGE', { detail: '--language is en or de' })
  const part = out === undefined ? undefined : partOf(out)
  const view = await desk.make({
    customer,
    place,
    notes: notesFile === undefined ? '' : readText(notesFile),
    language,
    ...(udn && udn.length > 0 ? { udns: [...udn] } : {}),
  })
  const path = out === undefined || part === undefined ? undefined : resolve(out)
  if (path !== undefined && part !== undefined) {
    mkdirSync(dirname(path), { recursive: true })
    writeOut(path, (await desk.file(view.sequence, part)).data)
  }
  if (json) printJson({ ...view, ...(path === undefined ? {} : { out: path }) })
  else printLine(`${reportLine(view)}${path === undefined ? '' : `  ${path}`}`)
}

/** Newest first. */
export const reportList = (desk: ReportDesk, { json }: { readonly json?: boolean }): void => {
  const views = desk.list()
  if (json) printJson(views)
  else for (const view of views) printLine(reportLine(view))
}

const reportLine = ({ sequence, madeAtMs, technician, customer, devices, open, hash }: ReportView): string =>
  `report ${sequence}  ${new Date(madeAtMs).toISOString().slice(0, 16)}Z  ${devices} devices  ${open} open  ` +
  `${technician}${customer ? ` for ${customer}` : ''}  ${hash.slice(0, 16)}`

const partOf = (out: string): ReportPart => {
  const part = REPORT_PARTS.find((one) => out.toLowerCase().endsWith(`.${one}`))
  if (!part)
    throw new IotmcError('USAGE', {
      detail: `--out must end in ${REPORT_PARTS.map((one) => `.${one}`).join(', ')}`,
    })
  return part
}

export interface ReportVerifyOptions {
  /** PEM file with the certificate of the site authority. */
  readonly ca?: string
  /** Or its SHA-256, with or without colons. */
  readonly fingerprint?: string
  /** PEM files of revocation lists. */
  readonly crl?: readonly string[]
  /** The report before, to check the chain. */
  readonly previous?: string
  readonly json?: boolean
}

/** Judges a ZIP or a folder. Errors: FILE_INVALID, USAGE (nobody said whom to trust), REPORT_INVALID with what is wrong. */
export const reportVerify = async (file: string, options: ReportVerifyOptions): Promise<void> => {
  const { ca, fingerprint, crl, previous, json } = options
  if (ca === undefined && fingerprint === undefined)
    throw new IotmcError('USAGE', {
      detail: "--ca FILE or --fingerprint HEX of the site's authority is needed",
    })
  const verdict = await verifyReport(resolve(file), {
    ca: ca === undefined ? undefined : readText(ca),
    fingerprint,
    crls: crl?.map(readText),
    previous: previous === undefined ? undefined : resolve(previous),
  })
  if (json) printJson(verdict)
  else if (verdict.ok) printLine(rightLine(verdict))
  else for (const { kind, detail } of verdict.problems) printLine(`${kind}  ${detail}`)
  if (verdict.ok) return
  const [first] = verdict.problems
  throw new IotmcError('REPORT_INVALID', {
    subject: basename(file),
    detail: `${first?.kind}: ${first?.detail}`,
  })
}

const rightLine = ({ sequence, madeAt, site, signer }: ReportVerdict): string =>
  `ok  report ${sequence}  ${madeAt}  ${site}  signed by ${signer?.subject}`
