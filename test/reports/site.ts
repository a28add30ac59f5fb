/** A site that makes reports: authority, controller, desk and records in a folder of their own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Device } from '../../electron/contract/device'
import { OID } from '../../electron/identity/oids'
import { ReportDesk, type ReportDeskOptions } from '../../electron/site/report-desk'
import { Records } from '../../electron/store/records'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import { certify, type Entity, NOW, newUdn, purposes, root } from '../identity/make'
import { device } from './make'

export interface TestSite {
  readonly folder: string
  readonly ca: Entity
  readonly controller: Entity
  readonly udn: string
  readonly clock: VirtualClock
  readonly audit: string[]
  devices: Device[]
  /** Opens desk and records anew, as after a restart. */
  open(more?: Partial<ReportDeskOptions>): { readonly desk: ReportDesk; readonly records: Records }
}

export const controllerOf = (ca: Entity, udn: string, role = 'Admin'): Promise<Entity> =>
  certify({
    name: 'Example site controller',
    issuer: ca,
    uris: [`urn:${udn}`, `urn:iotmc-org:role:${role}`, 'urn:iotmc-org:signs:report'],
    extra: [purposes([OID.clientAuth, OID.serverAuth])],
  })

export const testSite = async (folder: string): Promise<TestSite> => {
  const ca = await root('Example site CA')
  const udn = newUdn()
  const controller = await controllerOf(ca, udn)
  const clock = new VirtualClock(NOW)
  const audit: string[] = []
  mkdirSync(folder, { recursive: true })
  const site: TestSite = {
    folder,
    ca,
    controller,
    udn,
    clock,
    audit,
    devices: [device(1), device(2, { online: false, state: 'offline' })],
    open: (more = {}) => {
      const records = Records.open(join(folder, 'records.sqlite'))
      const desk = new ReportDesk({
        clock,
        log: keepingLog(),
        folder: join(folder, 'reports'),
        table: records.reports,
        signer: () => ({ keyPem: controller.keyPem, chainPem: controller.pem }),
        siteCaPem: () => ca.pem,
        site: () => ({
          name: 'Example site',
          controllerUdn: udn,
          authority: ca.facts.summary.subject,
          authorityFingerprint: ca.facts.summary.fingerprint,
        }),
        technician: () => ({ name: 'Technician 17', role: 'technician' }),
        devices: () => site.devices,
        enrollments: () => [],
        expected: () => [{ serialNumber: 'SN-9' }],
        jobs: () => [],
        failures: () => [],
        checks: () => [],
        auditHead: () => ({ lines: audit.length }),
        audit: (action, subject, detail) => void audit.push(`${action} ${subject} ${detail}`),
        ...more,
      })
      return { desk, records }
    },
  }
  return site
}
