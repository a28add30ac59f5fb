import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IotmcError } from '../../electron/contract/errors'
import { IMAGE_RC, SMP_GROUP } from '../../electron/contract/smp'
import type { CborMap } from '../../electron/serial/cbor'
import { imageCommands } from '../../electron/serial/image-group'
import { type UploadOptions, uploadImage } from '../../electron/serial/image-upload'
import { readMessage } from '../../electron/serial/smp-message'
import { SmpRefusal, SmpServer, type SmpServerOptions, serve } from '../../electron/serial/smp-server'
import { SmpSession } from '../../electron/serial/smp-session'
import { uploadCost } from '../../electron/serial/wire-size'
import { memoryCable } from '../helpers/memory-link'
import { VirtualClock } from '../helpers/virtual-clock'

/** A slot as servers keep it: it resumes the upload of the same hash, and answers a wrong offset with its own. */
class Slot {
  data: Buffer = Buffer.alloc(0)
  sha = ''
  total = 0
  /** Whether the last answer says if the hash is right; many servers leave that out. */
  tellsMatch = true
  readonly offsets: number[] = []
  readonly firsts: CborMap[] = []
  /** What becomes of a request before it counts; by default nothing. */
  before: (off: number) => void = () => {}

  readonly handler = serve(imageCommands.upload, async (chunk) => {
    this.offsets.push(chunk.off)
    this.before(chunk.off)
    if (chunk.off === 0) {
      const sha = Buffer.from(chunk.sha ?? []).toString('hex')
      if (sha === '' || chunk.len === undefined) throw new SmpRefusal(SMP_GROUP.image, IMAGE_RC.badMagic)
      this.firsts.push(chunk)
      if (sha !== this.sha) this.data = Buffer.alloc(0)
      this.sha = sha
      this.total = chunk.len
    }
    if (chunk.off === this.data.length) this.data = Buffer.concat([this.data, chunk.data])
    if (this.data.length < this.total || !this.tellsMatch) return { off: this.data.length }
    return { off: this.total, match: createHash('sha256').update(this.data).digest('hex') === this.sha }
  })

  reboot(): void {
    this.data = Buffer.alloc(0)
    this.sha = ''
  }
}

const bench = async (o: Partial<SmpServerOptions> = {}) => {
  const cable = memoryCable()
  const clock = new VirtualClock()
  const slot = new Slot()
  const link = { link: cable.device, framing: 'console', clock, handlers: new Map([slot.handler]) } as const
  const server = new SmpServer({ ...link, bufferBytes: 512, bufferCount: 4, ...o })
  await server.start()
  const session = await SmpSession.open(cable.station, { clock, framing: 'console' })
  const upload = (options: UploadOptions) => uploadImage(session, options)
  return { cable, clock, slot, session, server, upload }
}

const imageOf = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 31 + 7) % 256))

const failureOf = (promise: Promise<unknown>): Promise<IotmcError> =>
  promise.then(
    () => {
      throw new Error('it succeeded')
    },
    (error: IotmcError) => error,
  )

describe('an upload', () => {
  it.each([
    [1, 1],
    [2, 1],
    [8, 2],
    [512, 3],
  ])('brings every byte over (buffers %i × window %i)', async (bufferCount, window) => {
    const { upload, slot } = await bench({ bufferCount })
    const image = imageOf(20_000)
    const seen: number[] = []
    const onProgress = ({ bytes, total }: { bytes: number; total: number }) => {
      expect(total).toBe(image.length)
      seen.push(bytes)
    }
    expect(await upload({ image, window, onProgress })).toEqual({ bytes: 20_000, resumedAt: 0 })
    expect(slot.data.equals(image)).toBe(true)
    expect(seen.at(-1)).toBe(20_000)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  it('fills each packet to the last byte that the device takes', async () => {
    const { upload, cable, session, slot } = await bench()
    slot.tellsMatch = false
    const before = session.traffic
    await upload({ image: imageOf(60_000) })
    const cost = uploadCost({ imageBytes: 60_000, bufferBytes: 512, framing: 'console' })
    const { sentBytes, receivedBytes } = session.traffic
    expect(sentBytes - before.sentBytes).toBe(cost.sentBytes)
    expect(receivedBytes - before.receivedBytes).toBe(cost.receivedBytes)
    expect(cable.sent.station.length).toBe(cost.packets + 2)
  })

  it('fits any device', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 96, max: 3000 }),
        fc.integer({ min: 1, max: 5000 }),
        async (bufferBytes, bytes) => {
          const { upload, slot } = await bench({ bufferBytes })
          await upload({ image: imageOf(bytes) })
          expect(slot.data.equals(imageOf(bytes))).toBe(true)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('goes on where the device stands, which it finds by the hash', async () => {
    const { upload, slot } = await bench()
    const image = imageOf(8_000)
    slot.sha = createHash('sha256').update(image).digest('hex')
    slot.data = image.subarray(0, 5_000)
    expect(await upload({ image })).toEqual({ bytes: 8_000, resumedAt: 5_000 })
    expect(slot.data.equals(image)).toBe(true)
    expect(slot.offsets.slice(0, 2)).toEqual([0, 5_000])
  })

  it('sends nothing more when the device has everything', async () => {
    const { upload, slot } = await bench()
    const image = imageOf(3_000)
    slot.sha = createHash('sha256').update(image).digest('hex')
    slot.data = image
    expect(await upload({ image })).toEqual({ bytes: 3_000, resumedAt: 3_000 })
    expect(slot.offsets).toEqual([0])
  })

  it.each([1, 3])(
    'begins anew, first fields and all, when the device forgot everything (window %i)',
    async (window) => {
      const { upload, slot } = await bench()
      let forgets = 1
      slot.before = (off) => {
        if (off > 3_000 && forgets-- > 0) slot.reboot()
      }
      const image = imageOf(8_000)
      await upload({ image, window })
      expect(slot.data.equals(image)).toBe(true)
      expect(slot.firsts).toHaveLength(2)
      expect(slot.firsts[1]).toMatchObject({ off: 0, len: 8_000, sha: expect.any(Uint8Array) })
    },
  )

  it('names image and upgrade in the first chunk only where asked to', async () => {
    const { upload, slot } = await bench()
    await upload({ image: imageOf(2_000), imageNumber: 1, upgrade: true })
    expect(slot.firsts[0]).toMatchObject({ image: 1, upgrade: true })
    slot.reboot()
    await upload({ image: imageOf(2_000) })
    expect(slot.firsts[1]).not.toHaveProperty('image')
    expect(slot.firsts[1]).not.toHaveProperty('upgrade')
  })

  it('waits for the first chunk as long as clearing flash takes', async () => {
    const { upload, clock, server, cable } = await bench()
    await server.stop()
    const before = cable.sent.station.length
    const uploading = upload({ image: imageOf(2_000) })
    await clock.advanceAsync(39_000)
    expect(cable.sent.station.length).toBe(before + 1)
    await server.start()
    await clock.advanceAsync(2_000)
    expect(await uploading).toEqual({ bytes: 2_000, resumedAt: 0 })
  })

  it.each([1, 2, 3])('survives lost requests and answers with window %i', async (window) => {
    let packets = 0
    const losing = (packet: Buffer) =>
      readMessage(packet).header?.group === SMP_GROUP.image && packets++ % 5 === 3 ? undefined : packet
    const { upload, slot, clock } = await bench({
      tamper: {
        request: losing,
        answer: (packet) => {
          const kept = losing(packet)
          return kept ? [kept] : []
        },
      },
    })
    const image = imageOf(10_000)
    let done = false
    const uploading = upload({ image, window }).then(() => {
      done = true
    })
    for (let ms = 0; !done && ms < 400_000; ms += 500) await clock.advanceAsync(500)
    await uploading
    expect(slot.data.equals(image)).toBe(true)
  })
})

describe('an upload fails', () => {
  it('with the refusal of the device', async () => {
    const { upload, slot } = await bench()
    slot.before = () => {
      throw new SmpRefusal(SMP_GROUP.image, IMAGE_RC.imageTooLarge)
    }
    expect(await failureOf(upload({ image: imageOf(2_000) }))).toMatchObject({
      code: 'DEVICE_REFUSED',
      detail: 'group 1 rc 30 (imageTooLarge)',
    })
  })

  it('when the device has other bytes in the end', async () => {
    const { upload, slot } = await bench()
    slot.before = (off) => {
      if (off > 1_000) slot.data[0] = 0xff
    }
    expect(await failureOf(upload({ image: imageOf(4_000) }))).toMatchObject({ code: 'READ_BACK_DIFFERS' })
  })

  it.each([1, 3])('when the device never moves on (window %i)', async (window) => {
    const handlers = new Map([serve(imageCommands.upload, async ({ off }) => ({ off: Math.min(off, 400) }))])
    const { upload } = await bench({ handlers })
    expect(await failureOf(upload({ image: imageOf(4_000), window }))).toMatchObject({ code: 'BAD_ANSWER' })
  })

  it('when the device asks for what is not there', async () => {
    const { upload } = await bench({
      handlers: new Map([serve(imageCommands.upload, async () => ({ off: 9_999 }))]),
    })
    expect(await failureOf(upload({ image: imageOf(4_000) }))).toMatchObject({ code: 'BAD_ANSWER' })
  })

  it('at once when the cable is pulled or it is called off, with nothing left running', async () => {
    for (const code of ['SERIAL_UNPLUGGED', 'CANCELLED']) {
      const { upload, cable, clock } = await bench()
      const calling = new AbortController()
      let chunks = 0
      const onProgress = () => {
        if (++chunks === 3) code === 'CANCELLED' ? calling.abort() : cable.unplug()
      }
      const failed = failureOf(
        upload({ image: imageOf(40_000), window: 3, signal: calling.signal, onProgress }),
      )
      expect((await failed).code).toBe(code)
      expect(clock.pending).toBe(0)
    }
  })
})
