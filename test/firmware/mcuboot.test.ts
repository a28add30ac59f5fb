/** MCUboot images are judged before a byte of them is sent. */
import { createHash, createPublicKey, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import {
  hasImageMagic,
  isHigher,
  makeMcuboot,
  payloadOf,
  readImageHeader,
  statedHash,
  versionText,
} from '../../electron/firmware/mcuboot'
import { McubootCheck, type McubootExpectation } from '../../electron/firmware/mcuboot-check'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'

const keyPem = generateKeyPem()
const otherPem = generateKeyPem()
const payload = Buffer.from('a program '.repeat(500))
const make = (more: Partial<Parameters<typeof makeMcuboot>[0]> = {}): Buffer =>
  makeMcuboot({ payload, version: '2.4.0', securityCounter: 3, keyPem, ...more })
const good = make()
const trailerAt = readImageHeader(good)?.trailerAt ?? 0

const judge = (image: Buffer, more: Partial<McubootExpectation> = {}, chunk = 1_000) => {
  const check = new McubootCheck({
    version: '2.4.0',
    securityVersion: 3,
    size: image.length,
    keys: [publicKeyOf(otherPem), publicKeyOf(keyPem)],
    ...more,
  })
  for (let at = 0; at < image.length; at += chunk) check.write(image.subarray(at, at + chunk))
  return check.end()
}

const refused = (detail: RegExp) =>
  expect.objectContaining({ code: 'IMAGE_INVALID', detail: expect.stringMatching(detail) })

it('tells what an image is, in whatever pieces it comes', () => {
  const facts = {
    version: '2.4.0',
    hash: createHash('sha256').update(good.subarray(0, trailerAt)).digest(),
    keyHash: createHash('sha256')
      .update(createPublicKey(keyPem).export({ type: 'spki', format: 'der' }))
      .digest(),
    securityCounter: 3,
  }
  for (const chunk of [1, 7, 31, 33, 1_000, good.length]) expect(judge(good, {}, chunk)).toEqual(facts)
  expect(statedHash(good)).toEqual(facts.hash)
  expect(payloadOf(good)).toEqual(payload)
  expect(payloadOf(payload)).toBe(payload)
})

it('knows versions with a build number and without', () => {
  const built = make({ version: '2.4.0+77' })
  expect(judge(built, { version: '2.4.0+77' }).version).toBe('2.4.0.77')
  expect(() => judge(built)).toThrow(refused(/header says version 2\.4\.0\.77/))
  expect(judge(good, { version: '2.4.0-rc.1' }).version).toBe('2.4.0')
  expect(versionText([1, 2, 3, 0])).toBe('1.2.3')
  expect(isHigher([1, 2, 3, 0], '1.2.2')).toBe(true)
  expect(isHigher([1, 2, 3, 9], '1.2.3')).toBe(false)
})

it('takes an image without a security counter only where none is asked for', () => {
  const plain = withoutCounter()
  expect(judge(plain, { securityVersion: 0 })).not.toHaveProperty('securityCounter')
  expect(() => judge(plain)).toThrow(refused(/no security counter/))
})

/** Header, payload and plain trailer only; the hash is put right, the signature made anew. */
const withoutCounter = (): Buffer => {
  const header = Buffer.from(good.subarray(0, 32))
  header.writeUInt16LE(0, 10)
  const body = Buffer.concat([header, payload])
  return Buffer.concat([body, plainTrailer(body)])
}

const plainTrailer = (body: Buffer): Buffer => {
  // What the tool would write for a body of this kind: taken from an image whose body is the same but for the counter.
  const entries = [
    [0x10, createHash('sha256').update(body).digest()],
    [0x01, createHash('sha256').update(publicKeyOf(keyPem)).digest()],
    [0x22, sign('sha256', body, keyPem)],
  ] as const
  const parts = entries.map(([tag, value]) => Buffer.concat([words(tag, value.length), value]))
  const size = parts.reduce((sum, { length }) => sum + length, 4)
  return Buffer.concat([words(0x6907, size), ...parts])
}

const words = (a: number, b: number): Buffer => Buffer.of(a & 0xff, a >> 8, b & 0xff, b >> 8)

const changed = (at: number, value: number): Buffer => {
  const image = Buffer.from(good)
  image[at] = value
  return image
}

it.each<[string, Buffer, Partial<McubootExpectation>, RegExp]>([
  ['no image', payload, {}, /no MCUboot header/],
  ['a header only', good.subarray(0, 20), {}, /too short/],
  ['another version', good, { version: '2.4.1' }, /says version 2\.4\.0, the manifest 2\.4\.1/],
  ['another security counter', good, { securityVersion: 4 }, /counter is 3, the manifest says 4/],
  ['the key of nobody here', good, { keys: [publicKeyOf(otherPem)] }, /no certificate/],
  ['one that is not bootable', changed(16, 0x10), {}, /not bootable/],
  ['an encrypted one', changed(16, 0x04), {}, /encrypted/],
  ['a changed payload', changed(100, 0), {}, /not the hash/],
  ['a changed counter', changed(trailerAt - 1, 9), {}, /not the hash/],
  [
    'a damaged protected trailer',
    changed(readImageHeader(good)?.payloadEnd ?? 0, 0),
    {},
    /protected trailer/,
  ],
  ['a damaged trailer', changed(trailerAt, 0), {}, /damaged trailer/],
  ['a changed signature', changed(good.length - 3, (good.at(-3) ?? 0) ^ 1), {}, /wrong signature/],
  ['bytes after its trailer', Buffer.concat([good, Buffer.alloc(8, 0xff)]), {}, /bytes after it/],
  ['a whole bank after it', Buffer.concat([good, Buffer.alloc(200_000, 0xff)]), {}, /bytes after/],
  ['one cut short', good.subarray(0, -1), {}, /damaged trailer/],
  ['one without its trailer', good.subarray(0, trailerAt), {}, /do not agree/],
])('refuses %s', (_, image, more, detail) => {
  expect(() => judge(image, more)).toThrow(refused(detail))
})

it('takes a signature that older tools filled up with zeros', () => {
  const stated = good.readUInt16LE(trailerAt + 2)
  const image = Buffer.concat([good, Buffer.alloc(2)])
  image.writeUInt16LE(stated + 2, trailerAt + 2)
  const lengthAt = trailerAt + 4 + 36 + 36 + 2
  image.writeUInt16LE(image.readUInt16LE(lengthAt) + 2, lengthAt)
  expect(judge(image).securityCounter).toBe(3)
})

it('sees an image by its first bytes', () => {
  expect(hasImageMagic(good)).toBe(true)
  expect(hasImageMagic(payload)).toBe(false)
  expect(readImageHeader(good.subarray(0, 31))).toBeUndefined()
})
