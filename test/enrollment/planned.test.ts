/** Two trusted factories use the same serial number: the plan that names a factory certificate means one of the two devices. */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { ExpectedDevice } from '../../electron/contract/enrollment'
import { EnrollmentService } from '../../electron/enrollment/service'
import { readCertificate } from '../../electron/identity/certificate'
import { generateKeyPem } from '../../electron/identity/keys'
import { derBlocks } from '../../electron/identity/pem'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { TrustStore } from '../../electron/identity/trust'
import { enrollmentStore } from '../../electron/site/enrollment-store'
import { Records } from '../../electron/store/records'
import { makeAuthority } from '../helpers/device-site'
import { requestOf } from '../helpers/revoking-site'

const NOW = Date.UTC(2026, 5, 1)

it('zero-touch lets in the one with this certificate; the other waits', async () => {
  const [site, ...factories] = [
    await makeAuthority('Site'),
    await makeAuthority('One'),
    await makeAuthority('Two'),
  ]
  const devices = await Promise.all(
    factories.map(async (factory) => {
      const about = { udn: `uuid:${randomUUID()}`, serialNumber: 'SN-1', model: 'PX-200' }
      const csr = await checkRequest(await createRequest({ ...about, keyPem: generateKeyPem() }), about)
      const { chainPem } = await factory.issueIdevid({ ...about, csr, now: new Date() })
      const identity = readCertificate(chainPem).summary.fingerprint.replaceAll(':', '').toLowerCase()
      return { ...about, identity, chainDer: derBlocks(chainPem, 'CERTIFICATE') }
    }),
  )
  const records = Records.open(':memory:')
  let plan: ExpectedDevice[] = []
  const service = new EnrollmentService({
    trust: new TrustStore({
      roots: () => factories.map(({ certificatePem }) => certificatePem),
      siteCa: () => site.certificatePem,
      crls: () => [],
      now: () => undefined,
    }),
    store: enrollmentStore(records, site, () => NOW),
    now: () => NOW,
    policy: () => ({
      mode: 'zero-touch',
      defaultGroup: 'Default',
      rules: [{ model: 'PX-*', serial: 'SN-*', group: 'Default' }],
    }),
    expected: () => plan,
    verdict: () => undefined,
    groupVersion: () => 1,
    audit: () => undefined,
  })
  const enroll = async ({ udn, serialNumber, model, chainDer }: (typeof devices)[number]) => {
    const certificateRequest = await requestOf({ udn, serialNumber, model }, generateKeyPem())
    const versions = { hardwareRevision: 'C2', firmwareVersion: '1.0.0' }
    return (await service.enroll({ udn, model, ...versions, certificateRequest }, { chainDer })).status
  }
  const [planned, other] = devices as [(typeof devices)[number], (typeof devices)[number]]
  plan = [{ serialNumber: 'SN-1', identity: planned.identity, model: 'PX-200', group: 'Default' }]
  expect(await enroll(planned)).toBe('Approved')
  expect(await enroll(other)).toBe('Pending')
  // The plan was wrong, and is put right.
  plan = [{ serialNumber: 'SN-1', identity: other.identity }]
  service.reconsider(other.udn)
  expect(records.enrollments.byUdn(other.udn)).toMatchObject({ state: 'approved', group: 'Default' })
  records.close()
})
