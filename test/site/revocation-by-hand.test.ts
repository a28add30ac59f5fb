/** A person revokes the certificate of a device: it does not come back by any policy, only by a person. */
import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { type EnrollmentPolicy, REVOKED_BY_HAND } from '../../electron/contract/enrollment'
import type { ErrorCode } from '../../electron/contract/errors'
import { EnrollmentService } from '../../electron/enrollment/service'
import type { Authority } from '../../electron/identity/authority'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { derBlocks } from '../../electron/identity/pem'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { TrustStore } from '../../electron/identity/trust'
import { systemClock } from '../../electron/net/clock'
import { enrollmentStore } from '../../electron/site/enrollment-store'
import { RevocationDesk } from '../../electron/site/revocation-desk'
import { Records } from '../../electron/store/records'
import { makeAuthority } from '../helpers/device-site'
import { requestOf } from '../helpers/revoking-site'

const about = { udn: `uuid:${randomUUID()}`, serialNumber: 'SN-1', model: 'PX-200' }
const { udn } = about
const POLICY: EnrollmentPolicy = {
  mode: 'zero-touch',
  defaultGroup: 'Default',
  rules: [{ model: '*', serial: '*', group: 'Default' }],
}

let authority: Authority
let factory: Authority
let ownChainPem: string
let idevid: { readonly chainDer: readonly Buffer[] }
beforeAll(async () => {
  authority = await makeAuthority('Site')
  factory = await makeAuthority('Factory')
  const own = { publicKeySpki: publicKeyOf(generateKeyPem()), udn: `uuid:${randomUUID()}` }
  const role = { role: 'Admin', name: 'Controller', now: new Date() } as const
  ownChainPem = (await authority.issueController({ ...own, ...role })).chainPem
  const csr = await checkRequest(await createRequest({ ...about, keyPem: generateKeyPem() }), about)
  const { chainPem } = await factory.issueIdevid({ ...about, csr, now: new Date() })
  idevid = { chainDer: derBlocks(chainPem, 'CERTIFICATE') }
})

let records: Records
let desk: RevocationDesk
let service: EnrollmentService
let verdict: { readonly approved: true; readonly group: string } | { readonly approved: false } | undefined
let refuses: ErrorCode | undefined
let told: string[]
beforeEach(async () => {
  records = Records.open(':memory:')
  verdict = undefined
  refuses = undefined
  told = []
  desk = await RevocationDesk.open({
    clock: systemClock,
    records,
    authority,
    ownChainPem: () => ownChainPem,
    nameOf: () => undefined,
    online: () => false,
    refresh: () => Promise.reject(new Error('nobody is there')),
    trustChanged: () => undefined,
    enrollmentEnded: (one) => told.push(`ended ${one}`),
    audit: (action, subject) => told.push(`${action} ${subject}`),
  })
  const now = () => systemClock.now()
  const trust = new TrustStore({
    roots: () => [factory.certificatePem],
    siteCa: () => authority.certificatePem,
    crls: () => [],
    revoked: () => desk.serials(),
    now,
  })
  service = new EnrollmentService({
    trust,
    store: enrollmentStore(records, authority, now),
    now,
    policy: () => POLICY,
    expected: () => [],
    verdict: () => verdict,
    groupVersion: () => 1,
    refuses: () => refuses,
    audit: (action, subject) => told.push(`${action} ${subject}`),
  })
})

const enroll = async () => {
  const certificateRequest = await requestOf(about, generateKeyPem())
  const versions = { hardwareRevision: 'C2', firmwareVersion: '1.0.0' }
  return service.enroll({ udn, model: about.model, ...versions, certificateRequest }, idevid)
}
/** Enrolled, and renewed: two LDevIDs that are valid. */
const member = async (): Promise<readonly string[]> => {
  const { enrollmentId, status } = await enroll()
  expect(status).toBe('Approved')
  const { chainPem, configurationVersion } = await service.result(enrollmentId, idevid)
  service.confirm(enrollmentId, configurationVersion, idevid)
  const caller = { chainDer: derBlocks(chainPem, 'CERTIFICATE') }
  await service.renew(await requestOf(about, generateKeyPem()), caller)
  return records.certificates.ofDevice(udn).map(({ serialNumber }) => serialNumber.toUpperCase())
}
const revoke = (serialNumber: string) =>
  desk.revokeByHand({ serialNumber, reason: 'key-compromise', phrase: `REVOKE ${serialNumber.slice(-8)}` })
const row = () => records.enrollments.byUdn(udn)

it('takes every certificate of the device that is valid, and its enrolment', async () => {
  const serials = await member()
  expect(serials).toHaveLength(2)
  const list = await revoke(serials[1] ?? '')
  expect(list.entries).toBe(2)
  expect([...desk.serials()].sort()).toEqual([...serials].sort())
  expect(row()).toMatchObject({ state: 'rejected', rejectCode: REVOKED_BY_HAND })
  expect(told.filter((one) => one.startsWith('enrollment-revoked') || one.startsWith('ended'))).toEqual([
    `enrollment-revoked ${udn}`,
    `ended ${udn}`,
  ])
})

it('no policy lets the device in again, however often it asks and whatever is reopened', async () => {
  const [serial = ''] = await member()
  await revoke(serial)
  expect((await enroll()).status).toBe('Pending')
  service.reconsider(udn)
  expect(row()).toMatchObject({ state: 'pending', rejectCode: REVOKED_BY_HAND })
  // Somebody begins to commission it and has said nothing yet.
  service.reopen(udn)
  expect((await enroll()).status).toBe('Pending')
  verdict = { approved: false }
  service.reconsider(udn)
  verdict = undefined
  expect((await enroll()).status).toBe('Pending')
  verdict = { approved: true, group: 'Default' }
  service.reconsider(udn)
  expect(row()).toMatchObject({ state: 'approved' })
  expect(row()).not.toHaveProperty('rejectCode')
  verdict = undefined
  // From here on it is a device like every other.
  expect((await enroll()).status).toBe('Approved')
})

it('leaves the device alone where the certificate did not count any more', async () => {
  const [serial = '', older = ''] = await member()
  records.revocations.add({ serialNumber: older.toLowerCase(), atMs: 1 })
  await revoke(older)
  expect([row()?.state, desk.serials().has(serial)]).toEqual(['confirmed', false])
})

it('a device that is being signed for gets nothing after its revocation', async () => {
  await member()
  const { enrollmentId } = await enroll()
  const [serial = ''] = records.certificates.ofDevice(udn).map((one) => one.serialNumber.toUpperCase())
  const answer = service.result(enrollmentId, idevid)
  await Promise.all([revoke(serial), expect(answer).rejects.toMatchObject({ code: 'REJECTED' })])
})

it('is reopened by the policy for those that left only', async () => {
  await member()
  const left = () => {
    const now = row()
    if (now) records.enrollments.put({ ...now, state: 'rejected', rejectCode: 'DECOMMISSIONED' })
  }
  left()
  refuses = 'DECOMMISSIONED'
  service.reopen(udn)
  expect(row()).toMatchObject({ state: 'rejected', rejectCode: 'DECOMMISSIONED' })
  expect(told).toContain(`enrollment-not-reopened ${udn}`)
  refuses = undefined
  service.reopen(udn)
  expect(row()).toMatchObject({ state: 'pending' })
  // A revocation by hand does not turn one that has left into one that a person may let in.
  left()
  const [serial = ''] = records.certificates.ofDevice(udn).map((one) => one.serialNumber.toUpperCase())
  await revoke(serial)
  expect(row()).toMatchObject({ rejectCode: 'DECOMMISSIONED' })
})
