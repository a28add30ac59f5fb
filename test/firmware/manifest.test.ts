/** What may stand in a manifest, and what may not. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { parseManifest, writeManifest } from '../../electron/firmware/manifest'
import { manifestOf } from './make'

const good = manifestOf()
const text = writeManifest(good).toString('utf8')
const parse = (changed: string | Buffer) => parseManifest(Buffer.from(changed))
const refused = (detail: RegExp) =>
  expect.objectContaining({ code: 'BUNDLE_INVALID', detail: expect.stringMatching(detail) })

it('is read as it was written, and always written the same', () => {
  expect(parse(text)).toEqual(good)
  const shuffled = Object.fromEntries(Object.entries(good).reverse()) as typeof good
  expect(writeManifest(shuffled).toString('utf8')).toBe(text)
})

it.each([
  ['a member twice', text.replace('{', '{"version":"9.0.0",'), /version: stands there twice/],
  [
    'a member twice, spelt otherwise',
    text.replace('{', '{"v\\u0065rsion":"9.0.0",'),
    /version: stands there/,
  ],
  ['a member twice inside', text.replace('"size"', '"size": 1, "size"'), /size: stands there twice/],
  ['an unknown member', text.replace('{', '{"extra":1,'), /Unrecognized key/],
  ['__proto__', text.replace('{', '{"__proto__":{"format":1},'), /nrecognized key|__proto__/],
  ['deep nesting', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, /nested too deep|too large/],
  ['not JSON', text.replace('{', ''), /not JSON/],
  ['a comment', `${text}//`, /not JSON/],
  ['a byte order mark', `\uFEFF${text}`, /not JSON/],
  ['nothing', '', /not JSON/],
  ['another type', '[]', /document/],
  ['an unknown format', text.replace('"format": 1', '"format": 2'), /format/],
  ['no version', text.replace('2.4.0', 'new'), /version/],
  ['a version that is none', text.replace('2.4.0', '2.4.0-a..b'), /version/],
  [
    'a negative security version',
    text.replace('"securityVersion": 3', '"securityVersion": -1'),
    /securityVersion/,
  ],
  [
    'half a security version',
    text.replace('"securityVersion": 3', '"securityVersion": 1.5'),
    /securityVersion/,
  ],
  ['a path', text.replace('image.bin', '../image.bin'), /image\.file/],
  ['a name of the bundle', text.replace('image.bin', 'manifest.p7s'), /image\.file/],
  ['a name of the bundle in capitals', text.replace('image.bin', 'MANIFEST.JSON'), /image\.file/],
  ['an image too large', text.replace('"size": 4', '"size": 4294967296'), /image\.size/],
  ['an empty image', text.replace('"size": 4', '"size": 0'), /image\.size/],
  ['half a hash', text.replace('ab'.repeat(32), 'ab'), /image\.sha256/],
  ['a local time', text.replace('00Z', '00+01:00'), /releaseDate/],
  ['no probation', text.replace('24', '0'), /probationHours/],
  ['more than 64 KiB', `${text}${' '.repeat(65_536)}`, /too large/],
])('refuses %s', (_, changed, detail) => {
  expect(changed).not.toBe(text)
  expect(() => parse(changed)).toThrow(refused(detail))
})

it('refuses what is not UTF-8', () => {
  const bytes = Buffer.from(text)
  bytes[bytes.indexOf('Quieter')] = 0xff
  expect(() => parse(bytes)).toThrow(refused(/not UTF-8/))
})

it('never throws anything but a refusal', () => {
  const attempt = (bytes: Uint8Array) => {
    try {
      parseManifest(Buffer.from(bytes))
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(IotmcError)
      expect(thrown).toHaveProperty('code', 'BUNDLE_INVALID')
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt))
  fc.assert(fc.property(fc.json(), (json) => attempt(Buffer.from(json))))
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.nat(255), (at, value) => {
      const bytes = Buffer.from(text)
      bytes[at] = value
      attempt(bytes)
    }),
  )
})
