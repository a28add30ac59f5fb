import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { IotmcError } from '../../electron/contract/errors'
import { osCommands } from '../../electron/serial/os-group'
import { SmpServer } from '../../electron/serial/smp-server'
import { SmpSession } from '../../electron/serial/smp-session'
import { memoryCable } from '../helpers/memory-link'
import { VirtualClock } from '../helpers/virtual-clock'

const bench = async (framing: 'console' | 'raw' = 'console') => {
  const cable = memoryCable()
  const clock = new VirtualClock()
  const options = {
    link: cable.device,
    framing,
    clock,
    handlers: new Map(),
    bufferBytes: 1024,
    bufferCount: 2,
  }
  const server = new SmpServer(options)
  await server.start()
  return { cable, clock, server }
}

const settle = async <T>(clock: VirtualClock, promise: Promise<T>): Promise<T | IotmcError> => {
  let result: T | IotmcError | undefined
  promise.then(
    (value) => {
      result = value
    },
    (error: IotmcError) => {
      result = error
    },
  )
  for (let ms = 0; result === undefined && ms < 120_000; ms += 500) await clock.advanceAsync(500)
  if (result === undefined) throw new Error('it hangs')
  return result
}

/** Loses, changes and adds bytes, each at the given rate. */
const noisy = (rates: { lose: number; change: number; add: number }, dice: () => number) => (bytes: Buffer) =>
  Buffer.from(
    [...bytes].flatMap((byte) => {
      if (dice() < rates.lose) return []
      const kept = dice() < rates.change ? Math.floor(dice() * 256) : byte
      return dice() < rates.add ? [Math.floor(dice() * 256), kept] : [kept]
    }),
  )

const diceOf = (seed: number) => {
  let state = seed | 1
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return (((state ^ (state >>> 13)) >>> 0) % 1_000_000) / 1_000_000
  }
}

it('over a noisy line every answer is the right one or none', async () => {
  const rates = { lose: 0.001, change: 0.001, add: 0.001 }
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(fc.string({ maxLength: 300 }), { maxLength: 6 }),
      async (seed, texts) => {
        const { cable, clock } = await bench()
        const session = await SmpSession.open(cable.station, { clock })
        const dice = diceOf(seed)
        cable.toDevice = noisy(rates, dice)
        cable.toStation = noisy(rates, dice)
        for (const d of texts) {
          const answer = await settle(clock, session.request(osCommands.echo, { d }))
          expect([{ r: d }, expect.objectContaining({ code: 'TIMED_OUT' })]).toContainEqual(answer)
        }
        expect(clock.pending).toBe(0)
      },
    ),
    { numRuns: 40 },
  )
})

it('whatever bytes a port answers with, opening comes to an end and leaves nothing behind', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(pieces, async (noise) => {
      const cable = memoryCable()
      const clock = new VirtualClock()
      let said = 0
      cable.device.onData(() => void cable.device.write(Buffer.from(noise[said++ % noise.length] ?? [])))
      const result = await settle(clock, SmpSession.open(cable.station, { clock, timeoutMs: 500 }))
      expect(result).toMatchObject({
        code: noise.every(({ length }) => length === 0) ? 'SERIAL_SILENT' : 'NOT_SMP',
      })
      await clock.advanceAsync(1_000)
      expect(clock.pending).toBe(0)
    }),
    { numRuns: 60 },
  )
})

it.each(['console', 'raw'] as const)('a server with %s framing outlives any bytes', async (framing) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 }), async (noise) => {
      const { cable, clock } = await bench(framing)
      for (const piece of noise) await cable.station.write(piece)
      await clock.advanceAsync(1_000)
      const session = await settle(clock, SmpSession.open(cable.station, { clock, framing }))
      expect(session).toMatchObject({ version: 2, bufferBytes: 1024 })
    }),
    { numRuns: 60 },
  )
})

it('a server with more requests than buffers loses the rest without a word', async () => {
  const { cable, clock } = await bench()
  const session = await SmpSession.open(cable.station, { clock })
  const request = cable.sent.station[0] ?? Buffer.alloc(0)
  const before = cable.sent.device.length
  await cable.station.write(Buffer.concat(Array.from({ length: 10 }, () => request)))
  await clock.advanceAsync(500)
  expect(cable.sent.device.length - before).toBe(2)
  expect(await session.request(osCommands.echo, { d: 'fine' })).toEqual({ r: 'fine' })
})
