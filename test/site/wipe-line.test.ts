/** The one line to a device that was revoked: whom it takes, and how much it takes of what the device says. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { DEVICE_TYPE } from '../../electron/contract/names'
import type { Sighting } from '../../electron/jobs/device-link'
import { systemClock } from '../../electron/net/clock'
import { WipeLine, type WipeLineOptions } from '../../electron/site/wipe-line'
import { UpnpEndpoint } from '../../electron/upnp/endpoint'
import * as make from '../identity/make'

const DAY = 24 * 3600_000
const NONCE = 'ab'.repeat(32)
const udn = make.newUdn()
const never = new AbortController().signal
const long = { notBefore: Date.now() - 900 * DAY, notAfter: Date.now() + 900 * DAY }
const over = { notBefore: Date.now() - 500 * DAY, notAfter: Date.now() - DAY }

let siteCa: make.Entity
let controller: make.Entity
let member: make.Entity
let expired: make.Entity
const closers: (() => unknown)[] = []

const certify = (name: string, issuer: make.Entity, more: Partial<make.Wanted> = {}) =>
  make.certify({ name, issuer, uris: [`urn:${udn}`], ...long, ...more })

beforeAll(async () => {
  siteCa = await make.certify({ name: 'Site', ca: true, ...long })
  controller = await certify('Controller', siteCa, { uris: [`urn:${make.newUdn()}`] })
  member = await certify('Device', siteCa)
  expired = await certify('Device', siteCa, over)
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Played {
  readonly shows?: make.Entity
  readonly answer?: () => Record<string, string>
  readonly phase?: string
  readonly refusesUs?: boolean
  readonly last?: Record<string, string>
}

const statement = (nonce: string): string => JSON.stringify({ nonce })

const world = async (played: Played = {}, more: Partial<WipeLineOptions> = {}) => {
  const { shows = member, answer = () => ({ Statement: statement(NONCE), Proof: 'AAAA' }) } = played
  const endpoint = new UpnpEndpoint({
    ...{ udn, deviceType: DEVICE_TYPE.managed, friendlyName: 'device', manufacturer: 'M', model: 'L1' },
    ...{ serialNumber: 'SN-1', configId: () => 1, services: ['Lifecycle'] },
    identity: { keyPem: shows.keyPem, chainPem: shows.pem },
    clientCas: [siteCa.pem],
    clientCertificate: 'required',
    hosts: ['127.0.0.1'],
    judgePeer: () =>
      played.refusesUs ? { ok: false, code: 'IDENTITY_EXPIRED' } : { ok: true, role: 'Admin', udn: 'uuid:c' },
  })
  let orders = 0
  endpoint.handle('Lifecycle', 'GetDecommissionProof', () => {
    if (played.last) return played.last
    throw new IotmcError('ACTION_FAILED')
  })
  endpoint.handle('Lifecycle', 'Decommission', () => {
    orders += 1
    return answer()
  })
  endpoint.handle('Lifecycle', 'GetLifecycleState', () => ({
    ...{ LifecycleState: played.phase ?? 'operation', DeviceUDN: udn, Model: 'L1', SerialNumber: 'SN-1' },
    ...{ FirmwareVersion: '1', HardwareRevision: 'C2', ConfigurationVersion: '1', LdevidSerial: '' },
    ManagementGroup: '',
  }))
  const { httpsPort } = await endpoint.start()
  const secureLocation = `https://127.0.0.1:${httpsPort}/description.xml`
  const place = { address: '127.0.0.1', interfaceName: 'lo', lastSeenMs: 0, location: secureLocation }
  const sighting = (): Sighting => ({ online: true, addresses: [{ ...place, secureLocation }] })
  const line = new WipeLine({
    clock: systemClock,
    identity: () => ({ keyPem: controller.keyPem, chainPem: controller.pem }),
    cas: () => [siteCa.pem],
    sighting,
    roots: () => [],
    siteCa: () => siteCa.pem,
    issued: () => [shows.pem],
    knownIdentity: () => undefined,
    ...more,
  })
  closers.push(
    () => endpoint.close(),
    () => line.close(),
  )
  return { wipe: () => line.wipe(udn, NONCE, never), line, orders: () => orders }
}

describe('whom it takes', () => {
  it('a certificate of the site, and an order that was answered before', async () => {
    const w = await world()
    expect(await w.wipe()).toEqual({ statement: statement(NONCE), signature: 'AAAA' })
    const again = await world({ last: { Statement: statement(NONCE), Proof: 'BBBB' } })
    expect(await again.wipe()).toEqual({ statement: statement(NONCE), signature: 'BBBB' })
    expect([w.orders(), again.orders()]).toEqual([1, 0])
  })

  it('the device’s own certificate though its time is over', async () => {
    const w = await world({ shows: expired })
    expect(await w.wipe()).toMatchObject({ signature: 'AAAA' })
  })

  it('one that is over only where the wipe was ordered', async () => {
    const w = await world({ shows: expired })
    const judge = Reflect.get(w.line, 'judge').bind(w.line) as (...args: unknown[]) => { ok: boolean }
    expect(judge([expired.der], { udn })).toMatchObject({ ok: false, code: 'IDENTITY_EXPIRED' })
    await w.wipe()
    expect(judge([expired.der], { udn })).toMatchObject({ ok: true, acceptsExpired: true })
    expect(judge([expired.der], { udn: make.newUdn() })).toMatchObject({ ok: false })
    w.line.forget(udn)
    expect(judge([expired.der], { udn })).toMatchObject({ ok: false })
  })

  it.each([
    ['over, and not one that this site has on record', () => expired, {}, 'IDENTITY_EXPIRED'],
    ['in time, and not on record', () => member, {}, 'IDENTITY_NOT_TRUSTED'],
  ])('none that is %s', async (_, shows, _more, code) => {
    const other = await certify('Device', siteCa)
    const w = await world({ shows: shows() }, { issued: () => [other.pem] })
    await expect(w.wipe()).rejects.toMatchObject({ code })
    expect(w.orders()).toBe(0)
  })

  it('none that is not valid yet, of another authority, or of another device', async () => {
    const future = await certify('Device', siteCa, { notBefore: Date.now() + DAY })
    await expect((await world({ shows: future })).wipe()).rejects.toMatchObject({ code: 'IDENTITY_EXPIRED' })
    const strangers = await make.certify({ name: 'Site', ca: true, ...long })
    const foreign = await certify('Device', strangers, over)
    await expect((await world({ shows: foreign })).wipe()).rejects.toMatchObject({
      code: 'IDENTITY_NOT_TRUSTED',
    })
    const other = await certify('Device', siteCa, { ...over, uris: [`urn:${make.newUdn()}`] })
    await expect((await world({ shows: other })).wipe()).rejects.toMatchObject({ code: expect.any(String) })
  })

  it('says so where the device refuses this controller', async () => {
    const w = await world({ refusesUs: true })
    await expect(w.wipe()).rejects.toMatchObject({
      code: 'TLS_REFUSED',
      detail: expect.stringContaining("by the device's clock"),
    })
    const old = await certify('Controller', siteCa, { ...over, uris: [`urn:${make.newUdn()}`] })
    const identity = () => ({ keyPem: old.keyPem, chainPem: old.pem })
    const late = await world({ refusesUs: true }, { identity })
    await expect(late.wipe()).rejects.toMatchObject({
      code: 'TLS_REFUSED',
      detail: expect.stringMatching(/Controller expired on \d{4}-/),
    })
  })
})

describe('what it takes of the answer', () => {
  /** A device that keeps to no service description. */
  const told = async (answer: Record<string, string>) => {
    const { line, wipe } = await world()
    const call = async (...[, , action]: readonly string[]) => {
      if (action === 'Decommission') return answer
      throw new IotmcError('ACTION_FAILED')
    }
    const link = { call, forget: () => undefined, close: () => undefined }
    ;(Reflect.get(line, 'link') as { close(): void }).close()
    Reflect.set(line, 'link', link)
    return wipe()
  }
  const refused = (Statement: string, Proof: string, detail: string) =>
    expect(told({ Statement, Proof })).rejects.toMatchObject({ code: 'BAD_ANSWER', subject: udn, detail })

  it('both parts', async () => {
    await refused('', 'AAAA', 'no Statement or no Proof')
    await refused(statement(NONCE), '', 'no Statement or no Proof')
    await expect(told({})).rejects.toMatchObject({ code: 'BAD_ANSWER' })
  })

  it('no more than a record holds', async () => {
    const tooLong = 'a Statement or Proof that is too long'
    await refused('x'.repeat(4097), 'AAAA', tooLong)
    await refused(statement(NONCE), 'A'.repeat(513), tooLong)
    const most = { Statement: 'x'.repeat(4096), Proof: 'A'.repeat(512) }
    expect(await told(most)).toEqual({ statement: most.Statement, signature: most.Proof })
  })

  it('a wipe that has begun is waited for, a device that knows nothing of it is not', async () => {
    const answer = () => {
      throw new IotmcError('NOT_AUTHORIZED')
    }
    await expect((await world({ answer, phase: 'decommissioning' })).wipe()).rejects.toMatchObject({
      code: 'BUSY',
    })
    await expect((await world({ answer })).wipe()).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
  })
})
