import { beforeAll, describe, expect, it } from 'vitest'
import { derValues } from '../../electron/identity/asn1'
import { type CrlFacts, readCrl, signCrl } from '../../electron/identity/crl'
import { keyIdentifier } from '../../electron/identity/extensions'
import { keySigner } from '../../electron/identity/keys'
import { simpleSubject } from '../../electron/identity/names'
import { derBlocks } from '../../electron/identity/pem'
import { type Entity, NOW, root } from './make'

let ca: Entity
let der: Buffer
let list: CrlFacts

const make = (revoked: Parameters<typeof signCrl>[0]['revoked'], number?: number): Promise<string> =>
  signCrl(
    {
      issuer: simpleSubject(ca.name),
      issuerKeyId: keyIdentifier(ca.facts.publicKeySpki),
      revoked,
      now: new Date(NOW),
      number,
    },
    keySigner(ca.keyPem),
  )

beforeAll(async () => {
  ca = await root('Site')
  const revoked = [
    { serialNumber: 'f0', atMs: NOW },
    { serialNumber: '0a0b', atMs: NOW - 5_000, reason: 1 },
    { serialNumber: '77'.repeat(20), atMs: NOW, reason: 9 },
  ]
  der = derBlocks(await make(revoked, 12_345_678_901_234), 'X509 CRL')[0] ?? Buffer.alloc(0)
  list = readCrl(der)
})

const factsOf = ({ issuerDer, number, thisUpdateMs, nextUpdateMs, serials }: CrlFacts) => ({
  ...{ issuer: issuerDer.toString('hex'), number, thisUpdateMs, nextUpdateMs },
  serials: [...serials],
})

describe('a revocation list', () => {
  it('says what was put into it', () => {
    expect(factsOf(list)).toMatchObject({
      number: 12_345_678_901_234,
      thisUpdateMs: NOW,
      nextUpdateMs: NOW + 30 * 24 * 3600_000,
      serials: ['F0', '0A0B', '77'.repeat(20)],
    })
    expect(list.signedBy(ca.facts)).toBe(true)
  })

  it('is numbered by the clock where nobody says a number', async () => {
    expect(readCrl(await make([])).number).toBe(NOW)
  })

  it('is the same whether its entries were encoded before or not', async () => {
    const kept = [{ serialNumber: '0a', atMs: NOW, reason: 4 }]
    const tbs = async (revoked: typeof kept): Promise<string> => {
      const [bytes] = derBlocks(await make(revoked), 'X509 CRL')
      // The signature is another each time; what is signed is not.
      const [outer] = derValues(bytes ?? Buffer.alloc(0), 'FILE_INVALID')
      const [signed] = derValues(outer?.content ?? Buffer.alloc(0), 'FILE_INVALID')
      return signed?.whole.toString('hex') ?? ''
    }
    expect(await tbs(kept)).toBe(await tbs(kept))
    expect(await tbs([...kept])).toBe(await tbs(kept.map((one) => ({ ...one }))))
  })

  it('says nothing else after any flip of a bit: it is refused, or not signed', () => {
    for (let at = 0; at < der.length; at++) {
      const broken = Buffer.from(der)
      broken[at] = (broken[at] ?? 0) ^ (1 << (at % 8))
      let read: CrlFacts
      try {
        read = readCrl(broken)
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'FILE_INVALID' })
        continue
      }
      if (read.signedBy(ca.facts)) expect(factsOf(read), `octet ${at}`).toEqual(factsOf(list))
    }
  })

  it('is refused when it is cut short or has something behind it', () => {
    for (let length = 0; length < der.length; length++)
      expect(() => readCrl(der.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'FILE_INVALID' }),
      )
    expect(() => readCrl(Buffer.concat([der, Buffer.of(0)]))).toThrow(
      expect.objectContaining({ code: 'FILE_INVALID' }),
    )
    expect(() => readCrl('no list')).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
  })
})
