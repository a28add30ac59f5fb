/** Damage that looks like a bad wire, and DER that stands in a row. */
import * as asn1js from 'asn1js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitDer } from '../../electron/device/der'
import { damagePacket } from '../../electron/device/faulty-link'
import { ConsoleDecoder, encodeConsole } from '../../electron/serial/smp-frame'

const decode = (bytes: Uint8Array) => new ConsoleDecoder().push(bytes).map(({ kind }) => kind)

describe('a damaged packet', () => {
  it('is never a packet, and the next one is', () => {
    const packets = fc.uint8Array({ minLength: 8, maxLength: 2_000 })
    fc.assert(
      fc.property(packets, fc.constantFrom('lose', 'bad-crc', 'drop-fragment'), (packet, damage) => {
        const whole = encodeConsole(packet)
        expect(decode(whole)).toEqual(['packet'])
        const damaged = damagePacket(whole, damage)
        expect(decode(damaged)).not.toContain('packet')
        expect(decode(Buffer.concat([damaged, whole])).filter((kind) => kind === 'packet')).toHaveLength(1)
      }),
    )
  })
})

describe('DER in a row', () => {
  const sequence = (body: Uint8Array): Buffer =>
    Buffer.from(
      new asn1js.Sequence({
        value: [new asn1js.OctetString({ valueHex: Uint8Array.from(body).buffer })],
      }).toBER(),
    )

  it('is split where it was joined', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 5 }), (bodies) => {
        const values = bodies.map(sequence)
        expect(splitDer(Buffer.concat(values))).toEqual(values)
      }),
    )
  })

  it('is refused when it is cut short or something else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (body, at) => {
        const whole = sequence(body)
        const cut = whole.subarray(0, 1 + (at % (whole.length - 1)))
        expect(splitDer(cut)).toBeUndefined()
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const values = splitDer(Buffer.from(bytes))
        if (values) expect(Buffer.concat(values)).toEqual(Buffer.from(bytes))
      }),
    )
  })
})
