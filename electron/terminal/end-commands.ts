/** `decommission …` and `revocation …`: the end of devices and of certificates. */
import { dirname, join } from 'node:path'
import {
  CERTIFICATE_PARTS,
  type CertificatePart,
  type LeaveReason,
  type RevocationReason,
} from '../contract/decommission'
import { IotmcError } from '../contract/errors'
import { finishOpen, report, untilHeard } from './device-commands'
import { printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'
import { writeOut } from './write-out'

interface DecommissionOptions extends SiteOptions {
  readonly udn: readonly string[]
  readonly reason: LeaveReason
  readonly idevid?: boolean
  readonly note?: string
  /** The words that the preview asks for; without them only the preview is printed. */
  readonly confirm?: string
  readonly seconds: number
}

/**
 * Previews, and does it where the words of the preview are given. Waits for devices that are there; one that is not is
 * revoked, and wiped when it is back. Errors: PHRASE_WRONG, those of the jobs.
 */
export const decommission = (options: DecommissionOptions): Promise<void> =>
  withController(options, async (controller) => {
    const { udn: udns, reason, idevid: revokeIdevid = false, note = '', confirm: phrase, seconds } = options
    const json = options.json ?? false
    await untilHeard(controller, udns, seconds)
    const { decommissions } = controller.life()
    const preview = await decommissions.preview({ udns: [...udns] })
    for (const row of preview.rows) {
      if (json) printJson(row)
      else
        printLine(
          [row.udn, row.online ? 'online' : 'offline', `${row.ldevids.length} certificates`, row.problem]
            .filter(Boolean)
            .join('  '),
        )
    }
    if (phrase === undefined) {
      if (json) printJson({ confirm: preview.phrase })
      else printLine(`to do it: --confirm "${preview.phrase}"`)
      return
    }
    const ids = decommissions.start({ udns: [...udns], revokeIdevid, reason, note, phrase })
    const jobs = await untilEnded(controller, ids, (job) => {
      report(job, json)
      // Revoked, and waits for a device that is away: more can't be done now.
      return job.state === 'waiting' ? 'enough' : 'go-on'
    })
    finishOpen(controller, jobs, json)
  })

export const decommissionList = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    for (const record of controller.life().decommissions.list()) {
      if (options.json) printJson(record)
      else
        printLine(
          [
            record.udn,
            record.state,
            new Date(record.orderedAtMs).toISOString(),
            record.orderedBy,
            record.reason,
          ]
            .concat(record.certificate ? [`certificate ${record.certificate.sequence}`] : [])
            .join('  '),
        )
    }
  })

/** Ends one that can never be proven. Errors: DEVICE_UNKNOWN without a record, VALUE_INVALID, PHRASE_WRONG (says the words). */
export const decommissionClose = (
  options: SiteOptions & { readonly udn: string; readonly note: string; readonly confirm: string },
): Promise<void> =>
  withController(options, async (controller) => {
    const { udn, note, confirm: phrase } = options
    const { decommissions } = controller.life()
    const id = decommissions.ofDevice(udn).at(-1)?.id
    if (id === undefined) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn, detail: 'no record' })
    decommissions.closeUnproven({ id, note, phrase })
    const record = decommissions.list().find((one) => one.id === id)
    if (options.json) printJson(record)
    else printLine(`${udn}  ${record?.state}`)
  })

const partOf = (out: string): CertificatePart => {
  const ending = out.slice(out.lastIndexOf('.') + 1).toLowerCase()
  const part = CERTIFICATE_PARTS.find((one) => one === ending)
  if (!part) throw new IotmcError('USAGE', { subject: out, detail: '--out ends with .pdf, .json or .zip' })
  return part
}

/** The newest certificate of decommissioning of a device. Errors: DEVICE_UNKNOWN without one, USAGE. */
export const decommissionCertificate = (
  options: SiteOptions & { readonly udn: string; readonly out: string },
): Promise<void> =>
  withController(options, async (controller) => {
    const part = partOf(options.out)
    const { decommissions } = controller.life()
    const record = decommissions.ofDevice(options.udn).findLast(({ certificate }) => certificate)
    if (!record) throw new IotmcError('DEVICE_UNKNOWN', { subject: options.udn, detail: 'no certificate' })
    writeOut(options.out, (await decommissions.file(record.id, part)).data)
    if (options.json) printJson({ ...record.certificate, out: options.out })
    else printLine(options.out)
  })

export const revocationList = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const list = controller.life().revocations.list()
    if (options.json) printJson(list)
    else
      printLine(
        `number ${list.number}  ${list.entries} entries  ${list.bytes} bytes  until ${list.nextUpdate}  ${list.spread.has} of ${list.spread.of} devices have it`,
      )
  })

export const revocationCertificates = (options: SiteOptions & { readonly search?: string }): Promise<void> =>
  withController(options, async (controller) => {
    const found = controller.life().revocations.certificates({ search: options.search ?? '', limit: 500 })
    for (const one of found) {
      if (options.json) printJson(one)
      else
        printLine(
          [one.serialNumber, one.kind, one.name, one.role, one.notAfter, one.revoked ? 'revoked' : undefined]
            .filter(Boolean)
            .join('  '),
        )
    }
  })

/** Revokes one certificate. Errors: PHRASE_WRONG (says the words), CERTIFICATE_UNKNOWN. */
export const revocationRevoke = (
  serialNumber: string,
  options: SiteOptions & { readonly reason: RevocationReason; readonly confirm: string },
): Promise<void> =>
  withController(options, async (controller) => {
    const { reason, confirm: phrase } = options
    const list = await controller.life().revocations.revokeByHand({ serialNumber, reason, phrase })
    if (options.json) printJson(list)
    else printLine(`number ${list.number}  ${list.entries} entries`)
  })

/** The list as a file: PEM, or DER where the name ends with .crl or .der. */
export const revocationExport = (options: SiteOptions & { readonly out: string }): Promise<void> =>
  withController(options, async (controller) => {
    const format = /\.(crl|der)$/i.test(options.out) ? 'der' : 'pem'
    const { revocations } = controller.life()
    writeOut(options.out, revocations.text(format).data)
    // Where this laptop's own factory issued an identity that is kept out: for other sites to trust.
    const factory = await revocations.factoryText(format)
    const beside = factory && join(dirname(options.out), factory.name)
    if (factory && beside) writeOut(beside, factory.data)
    for (const out of [options.out, ...(beside ? [beside] : [])])
      if (options.json) printJson({ out })
      else printLine(out)
  })
