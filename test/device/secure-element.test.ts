/** The factory key is used and never seen. */
import { createPrivateKey, createPublicKey, verify } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SecureElement, sealedKeyForTls } from '../../electron/device/secure-element'
import type { Authority } from '../../electron/identity/authority'
import { systemRandom } from '../../electron/net/clock'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { osCommands } from '../../electron/serial/os-group'
import { BenchDevice, stopBenches } from '../helpers/bench-device'
import { makeAuthority, makeFolder } from '../helpers/device-site'

let factory: Authority
beforeAll(async () => {
  factory = await makeAuthority('Factory')
})
afterEach(stopBenches)

/** Every form in which somebody could find the key: as text, as bytes, as the bare number. */
const formsOf = (keyPem: string): Buffer[] => {
  const key = createPrivateKey(keyPem)
  const scalar = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' })
  return [
    scalar,
    Buffer.from(scalar.toString('hex')),
    Buffer.from(scalar.toString('base64url')),
    Buffer.from(pkcs8.toString('base64').slice(0, 60)),
    Buffer.from('PRIVATE KEY'),
  ]
}

const filesOf = (folder: string): Buffer[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))

const finds = (haystacks: readonly Buffer[], keyPem: string): boolean =>
  haystacks.some((bytes) => formsOf(keyPem).some((form) => bytes.includes(form)))

const spki = (element: SecureElement) =>
  createPublicKey({ key: element.publicKey(), format: 'der', type: 'spki' })

describe('a secure element', () => {
  it.each(['secure-element', 'tee', 'flash'] as const)(
    'as %s signs with a key that survives a restart',
    (storage) => {
      const folder = makeFolder('element')
      const element = new SecureElement(folder, storage, systemRandom)
      expect(element.hasKey()).toBe(false)
      element.makeKey()
      const again = new SecureElement(folder, storage, systemRandom)
      expect(again.hasKey()).toBe(true)
      expect(verify('sha256', Buffer.from('x'), spki(element), again.sign(Buffer.from('x')))).toBe(true)
      again.destroy()
      expect(again.hasKey()).toBe(false)
      expect(() => again.sign(Buffer.from('x'))).toThrow('DATA_DAMAGED')
    },
  )

  it('has another key each time', () => {
    const element = new SecureElement(makeFolder('element'), 'tee', systemRandom)
    element.makeKey()
    const first = element.publicKey()
    element.makeKey()
    expect(element.publicKey()).not.toEqual(first)
  })

  it('cannot be opened once a bit of it is turned', () => {
    const folder = makeFolder('element')
    new SecureElement(folder, 'secure-element', systemRandom).makeKey()
    const path = join(folder, 'element.sealed')
    const sealed = readFileSync(path)
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1
    writeFileSync(path, sealed)
    expect(() => new SecureElement(folder, 'secure-element', systemRandom).publicKey()).toThrow(
      'DATA_DAMAGED',
    )
  })

  it('shows nothing of its key to whoever prints it', () => {
    const folder = makeFolder('element')
    const element = new SecureElement(folder, 'secure-element', systemRandom)
    element.makeKey()
    element.sign(Buffer.from('x'))
    const shown = [inspect(element, { depth: 9, showHidden: true }), JSON.stringify(element)]
    expect(
      finds(
        shown.map((text) => Buffer.from(text)),
        sealedKeyForTls(folder) ?? '',
      ),
    ).toBe(false)
  })
})

describe('on its whole way through the factory', () => {
  it('the key is in no file, on no wire and in no log', async () => {
    const device = new BenchDevice()
    const session = await device.open()
    const files: Buffer[] = []
    const look = () => files.push(...filesOf(device.folder))
    await device.keygen(session)
    look()
    await device.make(session, factory)
    look()
    await device.ask(session, iotmcCommands.info, {})
    await device.ask(session, iotmcCommands.label, {})
    await device.ask(session, osCommands.info, {})
    await device.ask(session, iotmcCommands.challenge, { nonce: systemRandom.bytes(32) })
    await device.ask(session, iotmcCommands.readCertificate, { off: 0 })
    const keyPem = sealedKeyForTls(device.folder) ?? ''
    expect(finds(files, keyPem)).toBe(false)
    const wire = Buffer.concat(device.cable.sent.device).toString('latin1').split('\n')
    const raw = wire.map((line) => Buffer.from(line.slice(2), 'base64'))
    expect(finds([Buffer.concat(raw), Buffer.from(device.logs.join('\n'))], keyPem)).toBe(false)
  })

  it('the key of a device without hardware for it is a file, and the device says so', async () => {
    const device = new BenchDevice({ keyStorage: 'flash' })
    const session = await device.open()
    await device.keygen(session)
    expect((await device.ask(session, iotmcCommands.info, {})).keyStorage).toBe('flash')
    expect(finds(filesOf(device.folder), readFileSync(join(device.folder, 'idevid.key'), 'utf8'))).toBe(true)
  })
})
