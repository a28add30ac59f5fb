/** What the factory line does to a board by cable. */
import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { IOTMC_RC } from '../../electron/contract/smp'
import { splitDer } from '../../electron/device/der'
import { KeyFiles } from '../../electron/device/key-files'
import type { Authority } from '../../electron/identity/authority'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { derBlocks } from '../../electron/identity/pem'
import { checkRequest } from '../../electron/identity/request'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { BenchDevice, issue, SUBJECT, stopBenches, withPowerCut } from '../helpers/bench-device'
import { makeAuthority, makeAuthorityBelow } from '../helpers/device-site'

let factory: Authority
beforeAll(async () => {
  factory = await makeAuthority('Factory')
})

afterEach(stopBenches)

const { info, keygen, certificate, lock, wipe, readCertificate, challenge, label } = iotmcCommands

describe('a blank board', () => {
  it('has a chip and a model and no name', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const facts = await device.ask(session, info, {})
    expect(facts).toMatchObject({
      version: 1,
      model: 'PX-200',
      keyStorage: 'secure-element',
      phase: 'manufacturing',
      locked: false,
      hasKey: false,
    })
    expect(facts.hardwareId).toHaveLength(16)
    expect(facts.udn ?? facts.serialNumber ?? facts.certificate).toBeUndefined()
    const again = await withPowerCut(device)
    expect(await again.ask(await again.open(), info, {})).toEqual(facts)
  })

  it('refuses what needs a key, a certificate or a lock', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const nonce = randomBytes(32)
    const part = { off: 0, data: randomBytes(10), len: 20, sha: randomBytes(32) }
    expect(await device.refused(session, certificate, part)).toBe(IOTMC_RC.noKey)
    expect(await device.refused(session, challenge, { nonce })).toBe(IOTMC_RC.noKey)
    expect(await device.refused(session, readCertificate, { off: 0 })).toBe(IOTMC_RC.noKey)
    expect(await device.refused(session, lock, {})).toBe(IOTMC_RC.noKey)
    expect(await device.refused(session, label, {})).toBe(IOTMC_RC.wrongPhase)
  })
})

describe('keygen', () => {
  it('gives a request of the key, and the same one whenever it is repeated', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const csr = await device.keygen(session)
    const { publicKeySpki } = await checkRequest(csr, SUBJECT)
    expect(publicKeySpki).toEqual(device.board.element.publicKey())
    expect(await device.keygen(session)).toEqual(csr)
    const again = await withPowerCut(device)
    expect(await again.keygen(await again.open())).toEqual(csr)
  })

  it('refuses another subject while there is a key', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    await device.keygen(session)
    const other = { curve: 'P-256' as const, ...SUBJECT, serialNumber: 'PX-200-0002' }
    expect(await device.refused(session, keygen, other)).toBe(IOTMC_RC.otherSubject)
  })

  it('refuses a serial number that no label could carry', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const odd = { curve: 'P-256' as const, ...SUBJECT, serialNumber: 'PX 200' }
    expect(await device.refused(session, keygen, odd)).toBe(IOTMC_RC.invalid)
  })

  it('takes as long as its element takes', async () => {
    const device = new BenchDevice({ keygenMs: 2_000 })
    const session = await device.open()
    const before = device.clock.now()
    await device.keygen(session)
    expect(device.clock.now() - before).toBeGreaterThanOrEqual(2_000)
  })
})

describe('a certificate', () => {
  it('is installed part by part and read back as it was sent', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const chain = await issue(factory, await device.keygen(session))
    const { sha256 } = await device.install(session, chain, 100)
    const [leaf = Buffer.alloc(0)] = splitDer(chain) ?? []
    expect(Buffer.from(sha256 ?? [])).toEqual(createHash('sha256').update(leaf).digest())
    expect((await device.ask(session, info, {})).certificate).toEqual(sha256)
    const read = await device.ask(session, readCertificate, { off: 0 })
    expect(read.len).toBe(chain.length)
    expect(Buffer.from(read.data)).toEqual(chain.subarray(0, read.data.length))
  })

  it('goes on after a power cut where it stood', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const chain = await issue(factory, await device.keygen(session))
    const first = { off: 0, len: chain.length, sha: createHash('sha256').update(chain).digest() }
    const data = chain.subarray(0, 150)
    expect((await device.ask(session, certificate, { ...first, data })).off).toBe(150)
    const again = await withPowerCut(device)
    const after = await again.open()
    expect((await again.ask(after, certificate, { ...first, data })).off).toBe(150)
    expect((await again.ask(after, certificate, { off: 99, data })).off).toBe(150)
    expect((await again.install(after, chain)).off).toBe(chain.length)
    // Once more, as after a lost answer.
    const repeated = await again.ask(after, certificate, { ...first, data })
    expect(repeated).toMatchObject({ off: chain.length })
    expect(repeated.sha256).toBeDefined()
  })

  it('begins anew with another content', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const csr = await device.keygen(session)
    const [one, two] = [await issue(factory, csr), await issue(factory, csr)]
    const sha = createHash('sha256').update(one).digest()
    const data = one.subarray(0, 150)
    await device.ask(session, certificate, { off: 0, data, len: one.length, sha })
    await device.install(session, two)
    await device.install(session, one)
    const read = await device.ask(session, readCertificate, { off: 0 })
    expect(Buffer.from(read.data)).toEqual(one)
  })

  it('of a station is taken with the station above it', async () => {
    const { authority: station } = await makeAuthorityBelow('Station')
    const device = new BenchDevice()
    const session = await device.open()
    const chain = await issue(station, await device.keygen(session))
    expect(splitDer(chain)).toHaveLength(2)
    await device.install(session, chain)
    const leafOnly = splitDer(chain)?.[0] ?? Buffer.alloc(0)
    const foreign = Buffer.concat([leafOnly, derBlocks(factory.certificatePem, 'CERTIFICATE')[0] ?? leafOnly])
    await expect(device.install(session, foreign)).rejects.toThrow('(invalid)')
  })

  it.each<[string, number]>([
    ['key', IOTMC_RC.keyMismatch],
    ['udn', IOTMC_RC.otherSubject],
    ['serialNumber', IOTMC_RC.otherSubject],
    ['form', IOTMC_RC.invalid],
    ['hash', IOTMC_RC.invalid],
  ])('with a wrong %s is refused, and the right one taken after it', async (wrong, rc) => {
    const device = new BenchDevice()
    const session = await device.open()
    const csr = await device.keygen(session)
    const right = await issue(factory, csr)
    const bad = await wrongChain(wrong, csr)
    const sha = wrong === 'hash' ? randomBytes(32) : createHash('sha256').update(bad).digest()
    const whole = { off: 0, data: bad, len: bad.length, sha }
    expect(await device.refused(session, certificate, whole)).toBe(rc)
    expect((await device.ask(session, info, {})).certificate).toBeUndefined()
    await device.install(session, right)
  })
})

const wrongChain = async (wrong: string, csr: Buffer): Promise<Buffer> => {
  const { udn, serialNumber } = SUBJECT
  const now = new Date()
  if (wrong === 'form') return randomBytes(300)
  const checked = await checkRequest(csr, SUBJECT)
  const signed = {
    csr: wrong === 'key' ? { ...checked, publicKeySpki: publicKeyOf(generateKeyPem()) } : checked,
    udn: wrong === 'udn' ? udn.replace('1', '2') : udn,
    serialNumber: wrong === 'serialNumber' ? `${serialNumber}x` : serialNumber,
    model: 'PX-200',
    now,
  }
  const { chainPem } = await factory.issueIdevid(signed)
  return Buffer.concat(derBlocks(chainPem, 'CERTIFICATE'))
}

describe('the lock', () => {
  it('makes a device in provisioning with a label, and says so as often as it is asked', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const chain = await device.make(session, factory)
    expect(device.told).toEqual(['locked'])
    expect(await device.ask(session, lock, {})).toEqual({ phase: 'provisioning' })
    expect(device.told).toEqual(['locked'])
    const facts = await device.ask(session, info, {})
    expect(facts).toMatchObject({ ...SUBJECT, phase: 'provisioning', locked: true, hasKey: true })
    const printed = await device.ask(session, label, {})
    expect(printed).toEqual({ ...SUBJECT, setupCode: device.board.store?.current.setupCode })
    const again = await withPowerCut(device)
    const after = await again.open()
    expect(await again.ask(after, info, {})).toEqual(facts)
    expect(await again.ask(after, label, {})).toEqual(printed)
    const { chainPem, keyPem } = new KeyFiles(device.folder).idevid()
    expect(Buffer.concat(derBlocks(chainPem, 'CERTIFICATE'))).toEqual(chain)
    expect(publicKeyOf(keyPem)).toEqual(again.board.element.publicKey())
  })

  it('is for good: key and certificate stay', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const chain = await device.make(session, factory)
    expect(await device.refused(session, keygen, { curve: 'P-256', ...SUBJECT })).toBe(IOTMC_RC.wrongPhase)
    const sha = createHash('sha256').update(chain).digest()
    const whole = { off: 0, data: chain, len: chain.length, sha }
    expect(await device.refused(session, certificate, whole)).toBe(IOTMC_RC.wrongPhase)
    expect(await device.refused(session, wipe, { nonce: randomBytes(32) })).toBe(IOTMC_RC.notAuthorized)
  })
})
