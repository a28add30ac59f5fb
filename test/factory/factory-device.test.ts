/** Group 64 as a factory uses it: a real session, and a device's server at the other end of a cable in memory. */
import { createHash, sign } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { IotmcError } from '../../electron/contract/errors'
import { IOTMC_RC, SMP_GROUP, SMP_RC } from '../../electron/contract/smp'
import { FactoryDevice } from '../../electron/factory/factory-device'
import { systemRandom } from '../../electron/net/clock'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { type SmpHandler, SmpRefusal, SmpServer, serve } from '../../electron/serial/smp-server'
import { SmpSession } from '../../electron/serial/smp-session'
import { memoryCable } from '../helpers/memory-link'
import { VirtualClock } from '../helpers/virtual-clock'
import { certify, device as deviceCertificate, type Entity, newUdn, root } from '../identity/make'

const udn = newUdn()
let station: Entity
let leaf: Entity
let other: Entity
beforeAll(async () => {
  const top = await root('Root')
  station = await certify({ name: 'Station 1', issuer: top, ca: true, pathLen: 0 })
  leaf = await deviceCertificate(station, udn)
  other = await deviceCertificate(station, udn)
})

const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest()
const chainOf = () => leaf.pem + station.pem
const bytesOf = () => Buffer.concat([leaf.der, station.der])

const bench = async (handlers: [string, SmpHandler][], bufferBytes = 1024) => {
  const cable = memoryCable()
  const clock = new VirtualClock()
  const server = new SmpServer({
    link: cable.device,
    framing: 'console',
    bufferBytes,
    bufferCount: 4,
    handlers: new Map(handlers),
    clock,
  })
  await server.start()
  const session = await SmpSession.open(cable.station, { clock, framing: 'console' })
  return { cable, clock, session, device: new FactoryDevice(session, { clock, random: systemRandom }) }
}

const failureOf = (promise: Promise<unknown>): Promise<IotmcError> =>
  promise.then(
    () => {
      throw new Error('it succeeded')
    },
    (error: IotmcError) => error,
  )

interface Part {
  readonly off: number
  readonly data: Uint8Array
  readonly len?: number | undefined
  readonly sha?: Uint8Array | undefined
}

/** The device's side of an upload, with a word about each part of it. */
const receiver = (
  start = Buffer.alloc(0),
  answer: (part: Part, held: number) => number | undefined = () => undefined,
) => {
  const parts: Part[] = []
  let held = start
  const handler = serve(iotmcCommands.certificate, async (part) => {
    parts.push(part)
    const other = answer(part, held.length)
    if (other === 0) held = Buffer.alloc(0)
    if (other !== undefined) return { off: other }
    if (part.off === held.length) held = Buffer.concat([held, part.data])
    const whole = bytesOf()
    if (held.length < whole.length) return { off: held.length }
    expect(held.equals(whole)).toBe(true)
    return { off: held.length, sha256: sha256(leaf.der) }
  })
  return { handler, parts }
}

describe('installing a chain', () => {
  it.each([256, 512, 1024, 4096])('sends it in parts that fit a buffer of %i bytes', async (bufferBytes) => {
    const { handler, parts } = receiver()
    const { device } = await bench([handler], bufferBytes)
    const told: number[] = []
    expect(await device.install(chainOf(), undefined, (done) => told.push(done))).toEqual(sha256(leaf.der))
    expect(parts[0]).toMatchObject({ off: 0, len: bytesOf().length, sha: new Uint8Array(sha256(bytesOf())) })
    for (const part of parts.slice(1)) expect(part.sha).toBeUndefined()
    expect(told.at(-1)).toBe(bytesOf().length)
    expect([...told].sort((a, b) => a - b)).toEqual(told)
    // Full parts: as few as there can be.
    expect(parts.length).toBe(Math.ceil(bytesOf().length / (parts[0]?.data.length ?? 1)))
  })

  it('goes on where the device stands already', async () => {
    const { handler, parts } = receiver(bytesOf().subarray(0, 700), ({ off }, held) =>
      off === 0 ? held : undefined,
    )
    const { device } = await bench([handler], 512)
    await device.install(chainOf())
    expect(parts[1]?.off).toBe(700)
  })

  it('begins anew, with length and hash, when the device says so', async () => {
    let lost = false
    const { handler, parts } = receiver(undefined, ({ off }) => {
      if (lost || off === 0) return undefined
      lost = true
      return 0
    })
    const { device } = await bench([handler], 512)
    expect(await device.install(chainOf())).toEqual(sha256(leaf.der))
    expect(parts.filter(({ off }) => off === 0).map(({ len }) => len)).toEqual([
      bytesOf().length,
      bytesOf().length,
    ])
  })

  it('gives up on a device that goes in circles', async () => {
    const { handler, parts } = receiver(undefined, ({ off }) => (off === 0 ? 100 : 0))
    const { device } = await bench([handler], 512)
    expect((await failureOf(device.install(chainOf()))).code).toBe('BAD_ANSWER')
    expect(parts.length).toBeLessThan(20)
  })

  it('gives up on a device that asks for what is beyond the end', async () => {
    const { handler } = receiver(undefined, () => 60_000)
    const { device } = await bench([handler])
    expect(await failureOf(device.install(chainOf()))).toMatchObject({ code: 'BAD_ANSWER' })
  })

  it('is no success where the device has another certificate', async () => {
    const handler = serve(iotmcCommands.certificate, async () => ({ off: 0, sha256: sha256(other.der) }))
    const { device } = await bench([handler])
    expect((await failureOf(device.install(chainOf()))).code).toBe('READ_BACK_DIFFERS')
  })

  it('hands on the refusal of a device', async () => {
    const handler = serve(iotmcCommands.certificate, async () => {
      throw new SmpRefusal(SMP_GROUP.iotmc, IOTMC_RC.keyMismatch)
    })
    const { device } = await bench([handler])
    const error = await failureOf(device.install(chainOf()))
    expect(error.code).toBe('DEVICE_REFUSED')
    expect(error.detail).toContain('group 64 rc 4 (keyMismatch)')
  })
})

const reading = (answer: (off: number) => { off: number; len: number; data: Uint8Array }) =>
  serve(iotmcCommands.readCertificate, async ({ off }) => answer(off))

describe('reading the chain back', () => {
  it('gives its certificates one by one, however they were cut', async () => {
    const whole = bytesOf()
    for (const size of [97, 256, 900]) {
      const { device } = await bench([
        reading((off) => ({ off, len: whole.length, data: whole.subarray(off, off + size) })),
      ])
      expect(await device.readChain()).toEqual([leaf.der, station.der])
    }
  })

  it('gives nothing where nothing is installed', async () => {
    const { device } = await bench([reading((off) => ({ off, len: 0, data: Buffer.alloc(0) }))])
    expect(await device.readChain()).toEqual([])
  })

  it.each<[string, (off: number) => { off: number; len: number; data: Uint8Array }]>([
    ['an empty part', (off) => ({ off, len: 900, data: Buffer.alloc(0) })],
    ['a part from elsewhere', (off) => ({ off: off + 1, len: 900, data: Buffer.alloc(10) })],
    ['more than there is', (off) => ({ off, len: 5, data: Buffer.alloc(10) })],
    ['an end that moves away', (off) => ({ off, len: 900 + off, data: Buffer.alloc(10) })],
    ['no certificates', (off) => ({ off, len: 4, data: Buffer.from('30ff0102', 'hex') })],
    ['half a certificate', (off) => ({ off, len: 4, data: Buffer.from('30820400', 'hex') })],
  ])('does not take %s', async (_what, answer) => {
    const { device } = await bench([reading(answer)])
    expect((await failureOf(device.readChain())).code).toBe('BAD_ANSWER')
  })
})

describe('the challenge', () => {
  const answering = (keyPem: string, text: (nonce: Uint8Array) => Buffer) =>
    serve(iotmcCommands.challenge, async ({ nonce }) => ({ sig: sign('sha256', text(nonce), keyPem) }))
  const right = (nonce: Uint8Array) =>
    Buffer.concat([Buffer.from('iotmc-challenge\0'), nonce, Buffer.from(udn)])

  it('is met by the key of the certificate', async () => {
    const { device } = await bench([answering(leaf.keyPem, right)])
    await device.challenge(leaf.der, udn)
  })

  it.each<[string, () => string, (nonce: Uint8Array) => Buffer]>([
    ['another key', () => other.keyPem, right],
    ['another nonce', () => leaf.keyPem, () => right(Buffer.alloc(32))],
    ['the nonce alone', () => leaf.keyPem, (nonce) => Buffer.from(nonce)],
  ])('is not met by %s', async (_what, key, text) => {
    const { device } = await bench([answering(key(), text)])
    expect((await failureOf(device.challenge(leaf.der, udn))).code).toBe('SELF_TEST_FAILED')
  })

  it('is a new one each time', async () => {
    const nonces = new Set<string>()
    const { device } = await bench([
      answering(leaf.keyPem, (nonce) => {
        nonces.add(Buffer.from(nonce).toString('hex'))
        return right(nonce)
      }),
    ])
    await device.challenge(leaf.der, udn)
    await device.challenge(leaf.der, udn)
    expect(nonces.size).toBe(2)
  })
})

describe('a key', () => {
  const names = { serialNumber: 'N-1', udn }

  /** The answer to the first keygen is lost; `boardNow` says which board answers after that. */
  const losing = async (boardNow: (asked: number) => number, before?: number) => {
    const asked: unknown[] = []
    const keygen = serve(iotmcCommands.keygen, async (wanted) => {
      asked.push(wanted)
      return { csr: leaf.der }
    })
    const info = serve(iotmcCommands.info, async () => ({
      ...{ version: 1, model: 'PX-200', hardwareRevision: 'C2', firmwareVersion: '1.0.0' },
      ...{ keyStorage: 'secure-element' as const, phase: 'manufacturing' as const },
      ...{ locked: false, hasKey: false, hardwareId: Buffer.alloc(16, board ?? boardNow(asked.length)) },
    }))
    const { device, cable, clock } = await bench([keygen, info])
    let board = before
    await device.info()
    board = undefined
    await device.info()
    cable.toStation = (bytes) => (asked.length === 1 ? [] : bytes)
    const csr = device.keygen(names)
    csr.catch(() => undefined)
    await clock.advanceAsync(4_900)
    cable.toStation = (bytes) => bytes
    await clock.advanceAsync(10_000)
    return { csr, asked }
  }

  it('is asked for again when the answer was lost, for the same subject', async () => {
    const { csr, asked } = await losing(() => 1)
    expect(await csr).toEqual(leaf.der)
    expect(asked).toEqual([
      { curve: 'P-256', ...names },
      { curve: 'P-256', ...names },
    ])
  })

  it('is asked for again where another board was in the same open port before', async () => {
    const { csr } = await losing(() => 2, 1)
    expect(await csr).toEqual(leaf.der)
  })

  it('is not asked of another board that came to the same cable meanwhile', async () => {
    const { csr, asked } = await losing((times) => (times === 0 ? 1 : 2))
    expect((await failureOf(csr)).code).toBe('OTHER_DEVICE')
    expect(asked).toHaveLength(1)
  })
})

describe('a device that is busy for a moment', () => {
  const refusing = (times: number) => {
    let asked = 0
    const handler = serve(iotmcCommands.lock, async () => {
      asked += 1
      if (asked <= times) throw new SmpRefusal(undefined, SMP_RC.noMemory)
      return { phase: 'provisioning' as const }
    })
    return { handler, asked: () => asked }
  }

  it('is asked again', async () => {
    const { handler, asked } = refusing(3)
    const { device, clock } = await bench([handler])
    const lock = device.lock()
    await clock.advanceAsync(2_000)
    await lock
    expect(asked()).toBe(4)
  })

  it('is not asked for ever', async () => {
    const { handler, asked } = refusing(1_000)
    const { device, clock } = await bench([handler])
    const lock = failureOf(device.lock())
    await clock.advanceAsync(10_000)
    expect((await lock).detail).toContain('rc 2 (noMemory)')
    expect(asked()).toBe(4)
  })
})

describe('a network', () => {
  it('goes with the anchor as DER', async () => {
    const asked: unknown[] = []
    const handler = serve(iotmcCommands.network, async (given) => {
      asked.push(given)
      return { phase: 'commissioning' as const }
    })
    const { device } = await bench([handler])
    const given = { ssid: 'Plant 4', credential: 'only for this test' }
    expect(await device.network({ ...given, anchorPem: station.pem })).toBe('commissioning')
    expect(asked).toEqual([{ ...given, anchor: new Uint8Array(station.der) }])
    expect((await failureOf(device.network({ ...given, anchorPem: 'none' }))).code).toBe(
      'CERTIFICATE_INVALID',
    )
  })
})

describe('a pulled cable', () => {
  it('ends what was asked, at once', async () => {
    const { device, cable } = await bench([serve(iotmcCommands.info, () => new Promise(() => undefined))])
    const info = failureOf(device.info())
    await Promise.resolve()
    cable.unplug()
    expect((await info).code).toBe('SERIAL_UNPLUGGED')
  })
})
