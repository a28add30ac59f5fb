/** A real device process enrols with a controller, whatever dies in between. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { checkRequest } from '../../electron/identity/request'
import { ControllerDouble } from '../helpers/controller-double'
import { type DeviceProcess, killDevices, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'

let site: Authority
let admin: SiteClient
let factory = ''
let anchor = ''
let controller: ControllerDouble
let state = ''
let bootId = 0

beforeAll(async () => {
  requirePrivateNetwork()
  site = await makeAuthority('Site')
  admin = await makeClient(site, 'Admin')
  factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
  anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
})

const makeController = (identity: SiteClient = admin, authority: Authority = site): ControllerDouble => {
  bootId += 1
  return new ControllerDouble({
    site: authority,
    identity,
    factoryRoot: () => readFileSync(join(factory, 'root.pem'), 'utf8'),
    bootId,
  })
}

beforeEach(() => {
  state = makeFolder('device')
  controller = makeController()
})
afterEach(async () => {
  await killDevices()
  await controller.stop()
})

const start = async (...extra: string[]): Promise<DeviceProcess> => {
  const device = await startDevice([
    ...['--state', state, '--interface', 'lo', '--factory', factory, '--anchor', anchor],
    ...extra,
  ])
  await device.ready
  return device
}

const inOperation = (device: DeviceProcess) =>
  device.log((line) => line.event === 'phase' && line.phase === 'operation')

const lifecycle = async (device: DeviceProcess) =>
  controller.call((await device.ready).secureLocation, 'Lifecycle', 'GetLifecycleState')

describe('enrolment', () => {
  it('brings a device into operation, with the group and the certificate it was given', async () => {
    await controller.start()
    const device = await start()
    await inOperation(device)
    const answer = await lifecycle(device)
    expect(answer).toMatchObject({
      LifecycleState: 'operation',
      ManagementGroup: 'Pumps',
      ConfigurationVersion: '0',
    })
    expect(answer.LdevidSerial).toMatch(/^[0-9A-F]{2,}$/)
    expect(controller.calls.map((call) => call.action)).toEqual([
      'Enroll',
      'GetEnrollmentResult',
      'ConfirmEnrollment',
    ])
    const { udn } = await device.ready
    expect(new Set(controller.calls.map((call) => call.udn))).toEqual(new Set([udn]))
  })

  it('waits for its configuration and confirms the version that it runs', async () => {
    controller.version = 3
    await controller.start()
    const device = await start()
    await device.log((line) => line.step === 'await-configuration')
    const { secureLocation } = await device.ready
    const args = { ConfigurationVersion: '3', Values: '{"Pump.MaxFlow":"30"}' }
    await controller.call(secureLocation, 'Configuration', 'SetValues', args)
    await inOperation(device)
    expect((await controller.called('ConfirmEnrollment')).args.ConfigurationVersion).toBe('3')
    expect((await lifecycle(device)).ConfigurationVersion).toBe('3')
  })

  it('asks again when the configuration that comes is newer than the one announced', async () => {
    controller.version = 3
    await controller.start()
    const device = await start()
    await device.log((line) => line.step === 'await-configuration')
    controller.version = 4
    const args = { ConfigurationVersion: '4', Values: '{}' }
    await controller.call((await device.ready).secureLocation, 'Configuration', 'SetValues', args)
    await inOperation(device)
    expect((await lifecycle(device)).ConfigurationVersion).toBe('4')
  })

  it('waits for a person, and goes on when the person has decided', async () => {
    controller.status = 'Pending'
    await controller.start()
    const device = await start()
    await controller.called('GetEnrollmentResult', 2)
    controller.status = 'Approved'
    await inOperation(device)
    expect(controller.calls.filter((call) => call.action === 'Enroll')).toHaveLength(1)
  })

  it('starts with the device, or with the controller, whichever comes later', async () => {
    const device = await start()
    await controller.start()
    await inOperation(device)
  })

  it('waits for the anchor of its site', async () => {
    const late = join(makeFolder('late'), 'site-ca.pem')
    await controller.start()
    const device = await start('--anchor', late)
    writeFileSync(late, site.certificatePem)
    controller.announce()
    await device.log((line) => line.event === 'anchor-accepted')
    await inOperation(device)
  })

  it('goes on with the controller that comes back after it vanished', async () => {
    controller.status = 'Pending'
    await controller.start()
    const device = await start()
    await controller.called('GetEnrollmentResult')
    await controller.stop()
    await device.log((line) => line.event === 'enrollment-problem' || line.step === 'seek-controller')
    controller = makeController()
    await controller.start()
    await inOperation(device)
  })

  it('leaves controllers of other sites alone', async () => {
    const elsewhere = await makeAuthority('Elsewhere')
    const stranger = makeController(await makeClient(elsewhere, 'Admin'), elsewhere)
    await stranger.start()
    const device = await start()
    await device.log((line) => line.event === 'controller-refused')
    expect(stranger.calls).toEqual([])
    await controller.start()
    await inOperation(device)
    await stranger.stop()
  })

  it('leaves a controller alone that has no Admin certificate', async () => {
    const basic = makeController(await makeClient(site, 'Basic'))
    await basic.start()
    const device = await start()
    const refused = await device.log((line) => line.event === 'controller-refused')
    expect(refused).toMatchObject({ code: 'IDENTITY_NOT_TRUSTED', detail: 'role Basic' })
    expect(basic.calls).toEqual([])
    await basic.stop()
  })
})

describe('a device that is killed', () => {
  it.each(['die-after-enroll', 'die-after-install', 'die-before-confirm'])(
    'by %s goes on where it was, with the same request',
    async (fault) => {
      await controller.start()
      const doomed = await start('--fault', fault)
      expect(await doomed.ended).toBe('SIGKILL')
      const device = await start('--fault', fault)
      await inOperation(device)
      expect((await device.ready).bootId).toBe((await doomed.ready).bootId + 1)
      const requests = controller.calls.filter((call) => call.action === 'Enroll')
      expect(new Set(requests.map((call) => call.args.CertificateRequest)).size).toBe(1)
      expect((await lifecycle(device)).LifecycleState).toBe('operation')
    },
  )

  it('in operation is in operation again, with a higher BOOTID and the same certificate', async () => {
    await controller.start()
    const first = await start()
    await inOperation(first)
    const before = await lifecycle(first)
    await first.kill('SIGKILL')
    const second = await start()
    expect((await second.ready).phase).toBe('operation')
    expect((await second.ready).bootId).toBe((await first.ready).bootId + 1)
    expect(await lifecycle(second)).toEqual(before)
  })

  it('confirms twice when the first answer is lost, and never when the fault says so', async () => {
    await controller.start()
    const device = await start('--fault', 'lose-confirm-answer')
    await inOperation(device)
    expect(controller.calls.filter((call) => call.action === 'ConfirmEnrollment')).toHaveLength(2)
    await device.kill()
    state = makeFolder('device')
    const silent = await start('--fault', 'lose-confirm')
    await silent.log((line) => line.step === 'confirm')
    expect((await lifecycle(silent)).LifecycleState).toBe('commissioning')
  })
})

describe('renewal', () => {
  it('replaces a certificate in the last third of its life and shows the new one', async () => {
    controller.validityDays = 2 / (24 * 60)
    await controller.start()
    const device = await start()
    await controller.called('GetEnrollmentResult')
    await device.log((line) => line.event === 'renewed')
    const request = (await controller.called('RenewCertificate')).args.CertificateRequest
    expect(request).not.toBe((await controller.called('Enroll')).args.CertificateRequest)
    const renewed = await lifecycle(device)
    await device.kill()
    const again = await start()
    expect(await lifecycle(again)).toEqual(renewed)
  })

  it('that came too late is made good by enrolling again, while the device stays in operation', async () => {
    await controller.start()
    const device = await start()
    await inOperation(device)
    const before = await lifecycle(device)
    await device.kill()
    const csr = await checkRequest(readFileSync(join(state, 'ldevid-1.csr'), 'utf8'))
    const { udn, serial: serialNumber, model } = await device.ready
    const now = new Date(Date.now() - 7_200_000)
    const ended = await site.issueLdevid({ csr, udn, serialNumber, model, now, validityDays: 1 / 24 })
    writeFileSync(join(state, 'ldevid-1.pem'), ended.chainPem)
    const late = await start()
    await late.log((line) => line.step === 'enrolled')
    const after = await lifecycle(late)
    expect(after).toEqual({ ...before, LdevidSerial: after.LdevidSerial })
    expect(after.LdevidSerial).not.toBe(before.LdevidSerial)
    const requests = controller.calls.filter((call) => call.action === 'Enroll')
    expect(new Set(requests.map((call) => call.args.CertificateRequest)).size).toBe(2)
  })
})
