/** What a device answers by cable once it has a key: proofs, a network, a wipe. */
import { createPublicKey, randomBytes, sign, verify, X509Certificate } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { IOTMC_RC } from '../../electron/contract/smp'
import { splitDer } from '../../electron/device/der'
import type { Authority } from '../../electron/identity/authority'
import { generateKeyPem } from '../../electron/identity/keys'
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

const { info, network, wipe, challenge, label, lock } = iotmcCommands

describe('a challenge', () => {
  it('is signed with the key of the certificate, in a domain of its own', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const nonce = randomBytes(32)
    const chain = await issue(factory, await device.keygen(session))
    const text = Buffer.concat([Buffer.from('iotmc-challenge\0'), nonce, Buffer.from(SUBJECT.udn)])
    const leaf = new X509Certificate(splitDer(chain)?.[0] ?? '')
    const check = async () => {
      const { sig } = await device.ask(session, challenge, { nonce })
      return verify('sha256', text, leaf.publicKey, sig)
    }
    expect(await check()).toBe(true)
    await device.install(session, chain)
    await device.ask(session, lock, {})
    expect(await check()).toBe(true)
  })
})

describe('a wipe', () => {
  it('makes an unlocked board blank again, with another key the next time', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const csr = await device.keygen(session)
    await device.install(session, await issue(factory, csr))
    const nonce = randomBytes(32)
    expect(await device.ask(session, wipe, { nonce })).toEqual({})
    expect(await device.ask(session, wipe, { nonce })).toEqual({})
    const facts = await device.ask(session, info, {})
    expect(facts).toMatchObject({ phase: 'manufacturing', hasKey: false })
    expect(facts.certificate).toBeUndefined()
    const next = await checkRequest(await device.keygen(session, { ...SUBJECT, serialNumber: 'PX-2' }))
    expect(next.publicKeySpki).not.toEqual((await checkRequest(csr)).publicKeySpki)
  })

  it('of a device is done for its own site only, is proven, and proven again when asked again', async () => {
    const { keyPem: site, pem } = await makeAuthorityBelow('Site')
    const device = new BenchDevice()
    const session = await device.open()
    await device.make(session, factory)
    const [anchor = Buffer.alloc(0)] = derBlocks(pem, 'CERTIFICATE')
    const given = { ssid: 'Plant', credential: 'a secret of the plant', anchor }
    expect(await device.ask(session, network, given)).toEqual({ phase: 'commissioning' })
    expect(await device.ask(session, network, given)).toEqual({ phase: 'commissioning' })
    expect(device.told).toEqual(['locked', 'phase'])
    expect(device.logs.join()).not.toContain('a secret of the plant')
    expect(await device.refused(session, label, {})).toBe(IOTMC_RC.wrongPhase)

    const nonce = randomBytes(32)
    const text = Buffer.concat([Buffer.from('iotmc-wipe'), nonce, Buffer.from(SUBJECT.udn)])
    const wrong = sign('sha256', text, generateKeyPem())
    expect(await device.refused(session, wipe, { nonce })).toBe(IOTMC_RC.notAuthorized)
    expect(await device.refused(session, wipe, { nonce, sig: wrong })).toBe(IOTMC_RC.notAuthorized)
    const sig = sign('sha256', text, site)
    const { proof = Buffer.alloc(0) } = await device.ask(session, wipe, { nonce, sig })
    const key = createPublicKey({ key: device.board.element.publicKey(), format: 'der', type: 'spki' })
    const stated = Buffer.concat([Buffer.from('iotmc-wiped'), nonce, Buffer.from(SUBJECT.udn)])
    expect(verify('sha256', stated, key, proof)).toBe(true)
    expect(device.board.store?.current).toMatchObject({ phase: 'provisioning' })
    expect(device.board.store?.current.network ?? device.board.store?.current.anchorPem).toBeUndefined()

    const again = await withPowerCut(device)
    expect(await again.ask(await again.open(), wipe, { nonce, sig })).toEqual({ proof })
  })
})
