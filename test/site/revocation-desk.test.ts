import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { revokePhrase } from '../../electron/contract/decommission'
import type { Authority } from '../../electron/identity/authority'
import { readCertificate } from '../../electron/identity/certificate'
import { readCrl } from '../../electron/identity/crl'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { TrustStore } from '../../electron/identity/trust'
import { issueClient } from '../../electron/site/client-certificates'
import { RevocationDesk, type RevocationDeskOptions } from '../../electron/site/revocation-desk'
import { Records } from '../../electron/store/records'
import { makeAuthority } from '../helpers/device-site'
import { VirtualClock } from '../helpers/virtual-clock'

const DAY = 24 * 3600_000

let authority: Authority
let ownChainPem: string
beforeAll(async () => {
  authority = await makeAuthority('Site')
  const own = { publicKeySpki: publicKeyOf(generateKeyPem()), udn: `uuid:${randomUUID()}` }
  const issued = await authority.issueController({
    ...own,
    role: 'Admin',
    name: 'Controller',
    now: new Date(),
  })
  ownChainPem = issued.chainPem
})

let clock: VirtualClock
let records: Records
let lists: number
let events: string[]
let online: Set<string>
let refresh: (udn: string, signal: AbortSignal) => Promise<number>
beforeEach(() => {
  clock = new VirtualClock(Date.now())
  records = Records.open(':memory:')
  lists = 0
  events = []
  online = new Set()
  refresh = () => Promise.reject(new Error('nobody is there'))
})

const open = (more: Partial<RevocationDeskOptions> = {}): Promise<RevocationDesk> =>
  RevocationDesk.open({
    clock,
    records,
    authority: {
      certificatePem: authority.certificatePem,
      issueCrl: (...order) => {
        lists++
        return authority.issueCrl(...order)
      },
    },
    ownChainPem: () => ownChainPem,
    nameOf: (udn) => records.devices.get(udn)?.name,
    online: (udn) => online.has(udn),
    refresh: (udn, signal) => refresh(udn, signal),
    trustChanged: () => events.push('trust changed'),
    enrollmentEnded: (udn) => events.push(`ended ${udn}`),
    audit: (action, subject, detail) => events.push(`${action} ${subject} ${detail}`),
    ...more,
  })

const serials = (desk: RevocationDesk): string[] => [...readCrl(desk.pem()).serials].sort()

/** Lets promises settle without a moment going by: signing takes the turns of the real loop. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

const clientCertificate = async (name: string, role: 'Admin' | 'Basic') => {
  const issuer = { authority, certificates: records.certificates, clock, audit: () => undefined }
  return issueClient(issuer, { name, role, days: 30 })
}

/** An enrolled device; its certificate is on record, made of nothing. */
const enrolled = (index: number): { udn: string; serialNumber: string } => {
  const hex = index.toString(16).padStart(4, '0')
  const udn = `uuid:00000000-0000-4000-8000-00000000${hex}`
  const key = { requestSha256: `r${hex}`, publicKeySha256: `k${hex}` }
  const { serialNumber } = records.certificates.reserve({ kind: 'LDevID', udn, ...key, atMs: clock.now() })
  const signed = { pem: 'pem', chainPem: 'pem', notAfter: '2030-01-01T00:00:00.000Z', fingerprint: hex }
  records.certificates.complete(serialNumber, signed, clock.now())
  records.enrollments.put({
    enrollmentId: hex,
    udn,
    model: 'PX-200',
    hardwareRevision: 'C2',
    firmwareVersion: '1.0.0',
    serialNumber: `PX200-${hex}`,
    identityFingerprint: hex,
    state: 'confirmed',
    ldevidSerial: serialNumber,
    requestedAtMs: 0,
    updatedAtMs: 0,
  })
  return { udn, serialNumber: serialNumber.toUpperCase() }
}

describe('revoking', () => {
  it('is on record and refused at the call, told to the audit, and then in the list', async () => {
    const desk = await open()
    const published = desk.revoke([{ serialNumber: '0a:bc', reason: 'key-compromise' }])
    expect(records.revocations.list()).toEqual([{ serialNumber: '0abc', atMs: clock.now(), reason: 1 }])
    expect([...desk.serials()]).toEqual(['0ABC'])
    expect(events).toEqual(['trust changed', 'certificate-revoked 0ABC key-compromise'])
    clock.advance(1_000)
    const { crlNumber } = await published
    expect(serials(desk)).toEqual(['0ABC'])
    expect(desk.list()).toMatchObject({ number: crlNumber, entries: 1, bytes: desk.der().length })
    expect(readCrl(desk.der()).signedBy(readCertificate(authority.certificatePem))).toBe(true)
    await desk.close()
  })

  it('once more changes nothing, neither the reason nor the list', async () => {
    const desk = await open()
    const first = desk.revoke([{ serialNumber: '0a', reason: 'superseded' }])
    clock.advance(1_000)
    const { crlNumber } = await first
    events = []
    expect(await desk.revoke([{ serialNumber: '000A', reason: 'key-compromise' }])).toEqual({ crlNumber })
    expect(records.revocations.list()).toMatchObject([{ reason: 4 }])
    expect(events).toEqual([])
    expect(lists).toBe(2)
    await desk.close()
  })

  it('of many makes a list a second, and each call ends with a list that has it', async () => {
    const desk = await open()
    const ends: Promise<boolean>[] = []
    for (let i = 1; i <= 30; i++) {
      const serialNumber = (0x1000 + i).toString(16).toUpperCase()
      const published = desk.revoke([{ serialNumber, reason: 'unspecified' }])
      ends.push(published.then(() => readCrl(desk.pem()).serials.has(serialNumber)))
      clock.advance(100)
      await settle()
    }
    clock.advance(1_000)
    expect(new Set(await Promise.all(ends))).toEqual(new Set([true]))
    expect(lists).toBeLessThanOrEqual(6)
    await desk.close()
  })

  it('is given up by who asked for it, and is done all the same', async () => {
    const desk = await open()
    const asking = new AbortController()
    const published = desk.revoke([{ serialNumber: '0a', reason: 'superseded' }], asking.signal)
    asking.abort()
    await expect(published).rejects.toMatchObject({ code: 'CANCELLED' })
    desk.begin()
    await clock.advanceAsync(61_000, 1_000)
    await settle()
    expect(serials(desk)).toEqual(['0A'])
    await desk.close()
  })

  it('never takes the controller’s own certificate, and then nothing of what was asked for', async () => {
    const desk = await open()
    const { serialNumber } = readCertificate(ownChainPem).summary
    await expect(
      desk.revoke([
        { serialNumber: '0a', reason: 'unspecified' },
        { serialNumber, reason: 'unspecified' },
      ]),
    ).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })
    expect(desk.serials().size).toBe(0)
    await desk.close()
  })
})

describe('the list', () => {
  it('is the same after a restart', async () => {
    const before = await open()
    const published = before.revoke([{ serialNumber: '0a', reason: 'superseded' }])
    clock.advance(1_000)
    await published
    await before.close()
    clock.advance(DAY)
    const after = await open()
    expect(after.der()).toEqual(before.der())
    expect(after.serials()).toEqual(before.serials())
    expect(lists).toBe(2)
    await after.close()
  })

  it('is made anew where the program ended before it was, under a higher number although the clock was set back', async () => {
    const before = await open()
    await before.close()
    records.revocations.add({ serialNumber: '0b', atMs: clock.now() })
    clock.jump(-365 * DAY)
    const after = await open()
    expect(serials(after)).toEqual(['0B'])
    expect(after.number).toBe(before.number + 1)
    await after.close()
  })

  it('is made anew when half of its time is over', async () => {
    const desk = await open()
    desk.begin()
    const { number } = desk
    clock.jump(14 * DAY)
    clock.advance(120_000)
    await settle()
    expect(desk.number).toBe(number)
    clock.jump(2 * DAY)
    clock.advance(120_000)
    await settle()
    expect(desk.number).toBeGreaterThan(number)
    expect(Date.parse(desk.list().nextUpdate)).toBeGreaterThan(clock.now() + 29 * DAY)
    await desk.close()
  })

  it('of another authority is none', async () => {
    await (await open()).close()
    const other = await makeAuthority('Site')
    const desk = await open({ authority: other })
    expect(readCrl(desk.pem()).signedBy(readCertificate(other.certificatePem))).toBe(true)
    await desk.close()
  })

  it('is handed on as PEM and as DER', async () => {
    const desk = await open()
    expect(desk.text('pem')).toEqual({ name: 'site-crl.pem', data: Buffer.from(desk.pem()) })
    expect(desk.text('der')).toEqual({ name: 'site.crl', data: desk.der() })
    await desk.close()
  })
})

describe('by hand', () => {
  it('a certificate is revoked by typing the words, and found with its reason', async () => {
    const desk = await open()
    const { serialNumber } = await clientCertificate('Building control', 'Basic')
    const phrase = ` ${revokePhrase(serialNumber).toLowerCase()} `
    const revoking = desk.revokeByHand({ serialNumber, reason: 'privilege-withdrawn', phrase })
    clock.advance(1_000)
    expect(await revoking).toMatchObject({ entries: 1 })
    expect(desk.certificates({ search: 'building', limit: 10 })).toMatchObject([
      { name: 'Building control', role: 'Basic', own: false, revoked: { reason: 'privilege-withdrawn' } },
    ])
    await desk.close()
  })

  it('says what is wrong', async () => {
    const desk = await open()
    const { serialNumber } = await clientCertificate('Building control', 'Basic')
    const own = readCertificate(ownChainPem).summary.serialNumber
    const revoke = (serial: string, phrase: string) =>
      desk.revokeByHand({ serialNumber: serial, reason: 'unspecified', phrase })
    await expect(revoke(serialNumber, 'REVOKE')).rejects.toMatchObject({ code: 'PHRASE_WRONG' })
    await expect(revoke('0abc', revokePhrase('0abc'))).rejects.toMatchObject({ code: 'CERTIFICATE_UNKNOWN' })
    await expect(revoke('no number', '')).rejects.toMatchObject({ code: 'CERTIFICATE_UNKNOWN' })
    await expect(revoke(own, revokePhrase(own))).rejects.toMatchObject({ code: 'REQUEST_REFUSED' })
    expect(desk.serials().size).toBe(0)
    await desk.close()
  })

  it('certificates are found by name, UDN and serial number', async () => {
    const desk = await open()
    const device = enrolled(7)
    records.devices.put({ udn: device.udn, name: 'Boiler room' })
    clock.jump(1)
    const client = await clientCertificate('Building control', 'Admin')
    const found = (search: string, limit = 10): string[] =>
      desk.certificates({ search, limit }).map(({ name, own }) => (own ? 'own' : name))
    expect(found('')).toEqual(['own', 'Building control', 'Boiler room'])
    expect(found('', 1)).toEqual(['own'])
    expect(found('boiler')).toEqual(['Boiler room'])
    expect(found(device.udn.slice(-12))).toEqual(['Boiler room'])
    expect(found(client.serialNumber.match(/../g)?.join(':') ?? '')).toEqual(['Building control'])
    expect(desk.certificates({ search: 'boiler', limit: 1 })).toMatchObject([
      { kind: 'LDevID', serialNumber: device.serialNumber, udn: device.udn },
    ])
    expect(found('nothing like it')).toEqual([])
    await desk.close()
  })
})

describe('a factory identity that is kept out', () => {
  it('is refused by every judgement, in whatever form it was named, also after a restart', async () => {
    const factory = await makeAuthority('Factory')
    const own = { publicKeySpki: publicKeyOf(generateKeyPem()), udn: `uuid:${randomUUID()}` }
    const { pem } = await factory.issueController({ ...own, role: 'Basic', name: 'Device', now: new Date() })
    const { der, summary } = readCertificate(pem)
    const desk = await open()
    const judge = (blocked: RevocationDesk) =>
      new TrustStore({
        roots: () => [factory.certificatePem],
        siteCa: () => authority.certificatePem,
        crls: () => [],
        blocked: () => blocked.blocked(),
        now: () => Date.now(),
      }).judge([der])
    expect(judge(desk)).toMatchObject({ ok: true })
    const identity = { serialNumber: summary.serialNumber, udn: own.udn }
    desk.block({ ...identity, fingerprint: summary.fingerprint.replace(/:/g, '').toLowerCase() })
    desk.block({ ...identity, fingerprint: summary.fingerprint })
    expect(events).toEqual(['trust changed', `identity-blocked ${own.udn} ${summary.fingerprint}`])
    expect(judge(desk)).toMatchObject({ ok: false, code: 'IDENTITY_REVOKED' })
    await desk.close()
    const after = await open()
    expect(judge(after)).toMatchObject({ ok: false, code: 'IDENTITY_REVOKED' })
    expect(after.list().blocked).toMatchObject([{ fingerprint: summary.fingerprint }])
    await after.close()
  })

  it('stands in a list of this laptop’s factory authority where that issued it', async () => {
    const factory = await makeAuthority('Factory')
    const issue = async (by: Authority) => {
      const about = { publicKeySpki: publicKeyOf(generateKeyPem()), udn: `uuid:${randomUUID()}` }
      const { pem } = await by.issueController({ ...about, role: 'Basic', name: 'D', now: new Date() })
      const { fingerprint, serialNumber } = readCertificate(pem).summary
      return { pem, udn: about.udn, fingerprint, serialNumber }
    }
    const [ours, theirs] = [await issue(factory), await issue(authority)]
    const kept = new Map([ours, theirs].map((one) => [one.fingerprint, one.pem]))
    const desk = await open({
      factory: { authority: async () => factory, certificate: (fingerprint) => kept.get(fingerprint) },
    })
    desk.block(theirs)
    expect(await desk.factoryText('pem')).toBeUndefined()
    desk.block(ours)
    const first = readCrl((await desk.factoryText('der'))?.data ?? Buffer.alloc(0))
    expect([...first.serials]).toEqual([ours.serialNumber])
    expect(first.signedBy(readCertificate(factory.certificatePem))).toBe(true)
    const second = readCrl((await desk.factoryText('pem'))?.data.toString() ?? '')
    expect(second.number).toBeGreaterThan(first.number ?? 0)
    await desk.close()
  })
})

describe('spreading', () => {
  it('tells every enrolled device that is online, sixteen at once, and none that is revoked', async () => {
    const desk = await open()
    const devices = Array.from({ length: 40 }, (_, i) => enrolled(i))
    for (const { udn } of devices) online.add(udn)
    const asked: string[] = []
    const answers: (() => void)[] = []
    let most = 0
    refresh = (udn) => {
      asked.push(udn)
      return new Promise((resolve) => {
        answers.push(() => resolve(desk.number))
        most = Math.max(most, answers.length)
      })
    }
    desk.begin()
    const [revoked, ...others] = devices as [(typeof devices)[0], ...typeof devices]
    const published = desk.revoke([{ serialNumber: revoked.serialNumber, reason: 'unspecified' }])
    clock.advance(1_000)
    await published
    clock.advance(1_000)
    expect(desk.list().spread).toEqual({ has: 0, of: 39 })
    while (answers.length > 0) {
      answers.shift()?.()
      await settle()
    }
    expect(most).toBe(16)
    expect(asked.sort()).toEqual(others.map(({ udn }) => udn).sort())
    expect(desk.list().spread).toEqual({ has: 39, of: 39 })
    await desk.close()
  })

  it('tells who was away when it is heard again, and who has the list already nothing', async () => {
    const desk = await open()
    const [away, here] = [enrolled(1), enrolled(2)]
    const asked: string[] = []
    refresh = async (udn) => {
      asked.push(udn)
      return desk.number
    }
    desk.told(here.udn, desk.number)
    online.add(here.udn)
    desk.begin()
    clock.advance(1_000)
    await settle()
    expect(asked).toEqual([])
    online.add(away.udn)
    desk.heard([away.udn, here.udn, 'uuid:stranger'])
    await settle()
    expect(asked).toEqual([away.udn])
    const published = desk.revoke([{ serialNumber: '0a', reason: 'unspecified' }])
    clock.advance(1_000)
    await published
    clock.advance(1_000)
    await settle()
    expect(asked.slice(1).sort()).toEqual([away.udn, here.udn])
    await desk.close()
  })

  it('does not ask a device at each announcement that can not take the list, but now and then', async () => {
    const desk = await open()
    const { udn } = enrolled(1)
    online.add(udn)
    let asked = 0
    refresh = async () => {
      asked++
      throw new Error('no')
    }
    desk.begin()
    clock.advance(1_000)
    await settle()
    for (let i = 0; i < 10; i++) desk.heard([udn])
    await settle()
    expect(asked).toBe(1)
    clock.advance(5 * 60_000)
    await settle()
    expect(asked).toBe(2)
    await desk.close()
  })

  it('ends with the desk, a question that was not answered too', async () => {
    const desk = await open()
    const { udn } = enrolled(1)
    online.add(udn)
    refresh = (_udn, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('gone'))))
    desk.begin()
    clock.advance(1_000)
    await desk.close()
    expect(clock.pending).toBe(0)
  })

  it('tells the screen at most twice a second', async () => {
    const desk = await open()
    let told = 0
    desk.onChange(() => told++)
    for (let i = 0; i < 50; i++) desk.told(enrolled(i).udn, desk.number)
    clock.advance(500)
    expect(told).toBe(1)
    await desk.close()
  })
})
