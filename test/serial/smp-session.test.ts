import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { IotmcError } from '../../electron/contract/errors'
import { IOTMC_RC, SMP_GROUP, SMP_RC } from '../../electron/contract/smp'
import { defineCommand } from '../../electron/serial/command'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { osCommands } from '../../electron/serial/os-group'
import { encodeConsole } from '../../electron/serial/smp-frame'
import { encodeMessage, readMessage } from '../../electron/serial/smp-message'
import { SmpRefusal, SmpServer, type SmpServerOptions, serve } from '../../electron/serial/smp-server'
import { refusalOf, SmpSession } from '../../electron/serial/smp-session'
import { memoryCable } from '../helpers/memory-link'
import { VirtualClock } from '../helpers/virtual-clock'

const bench = async (o: Partial<SmpServerOptions> = {}, lines: string[] = []) => {
  const cable = memoryCable({ path: '/dev/ttyX' })
  const clock = new VirtualClock()
  const server = new SmpServer({
    link: cable.device,
    framing: 'console',
    bufferBytes: 1024,
    bufferCount: 4,
    handlers: new Map(),
    clock,
    ...o,
  })
  await server.start()
  const session = await SmpSession.open(cable.station, {
    clock,
    framing: o.framing ?? 'console',
    onLog: (line) => lines.push(line),
  })
  return { cable, clock, server, session, lines }
}

const failureOf = (promise: Promise<unknown>): Promise<IotmcError> =>
  promise.then(
    () => {
      throw new Error('it succeeded')
    },
    (error: IotmcError) => error,
  )

const count = defineCommand({
  name: 'count',
  group: 100,
  id: 1,
  op: 'write',
  request: z.object({ n: z.number() }),
  answer: z.object({ n: z.number() }),
})

describe('a request', () => {
  it.each(['console', 'raw'] as const)('gets its answer over %s framing', async (framing) => {
    const { session } = await bench({ framing })
    expect(await session.request(osCommands.echo, { d: 'grüße' })).toEqual({ r: 'grüße' })
  })

  it('is refused with group and code, in either form', async () => {
    const handlers = new Map([
      serve(iotmcCommands.lock, async () => {
        throw new SmpRefusal(SMP_GROUP.iotmc, IOTMC_RC.wrongPhase)
      }),
      serve(iotmcCommands.label, async () => {
        throw new SmpRefusal(undefined, SMP_RC.busy)
      }),
      serve(count, async () => {
        throw new Error('a defect')
      }),
    ])
    const { session } = await bench({ handlers })
    const asked = await failureOf(session.request(iotmcCommands.lock, {}))
    expect(asked).toMatchObject({
      code: 'DEVICE_REFUSED',
      subject: '/dev/ttyX',
      detail: 'group 64 rc 2 (wrongPhase)',
    })
    expect(refusalOf(asked)).toEqual({ group: 64, rc: 2 })
    const busy = await failureOf(session.request(iotmcCommands.label, {}))
    expect(busy).toMatchObject({ code: 'DEVICE_REFUSED', detail: 'rc 10 (busy)' })
    expect(refusalOf(busy)).toEqual({ group: undefined, rc: 10 })
    expect(refusalOf(await failureOf(session.request(count, { n: 1 })))).toEqual({ group: undefined, rc: 1 })
    expect(refusalOf(await failureOf(session.request(osCommands.reset, {})))).toEqual({
      group: undefined,
      rc: 8,
    })
    expect(refusalOf(new Error('other'))).toBeUndefined()
  })

  it('is refused by a version 1 device with the nearest plain code', async () => {
    const handlers = new Map([
      serve(iotmcCommands.lock, async () => {
        throw new SmpRefusal(SMP_GROUP.iotmc, IOTMC_RC.wrongPhase)
      }),
    ])
    const { session } = await bench({ version: 1, handlers })
    const asked = await failureOf(session.request(iotmcCommands.lock, {}))
    expect(refusalOf(asked)).toEqual({ group: undefined, rc: SMP_RC.badState })
  })

  it('is not sent when it breaks its own schema or does not fit the device', async () => {
    const { session, cable } = await bench({ bufferBytes: 256 })
    const before = cable.sent.station.length
    expect(await failureOf(session.request(osCommands.echo, { d: 'x'.repeat(300) }))).toMatchObject({
      code: 'INVALID_ARGS',
      detail: 'echo: 314 bytes, the device takes 252',
    })
    const keygen = { curve: 'P-256' as const, serialNumber: '', udn: 'uuid:x' }
    expect(await failureOf(session.request(iotmcCommands.keygen, keygen))).toMatchObject({
      code: 'INVALID_ARGS',
    })
    expect(cable.sent.station.length).toBe(before)
  })

  it('of the largest size that fits is answered, and one byte more is dropped by the device', async () => {
    const { session, cable } = await bench({ bufferBytes: 256 })
    // 252 = header, map of one key, head of two bytes, text.
    const fits = 'x'.repeat(252 - 8 - 3 - 2)
    expect(await session.request(osCommands.echo, { d: fits })).toEqual({ r: fits })
    const heard = cable.sent.device.length
    const header = { op: 2, version: 2, group: 0, sequence: 99, id: 0 } as const
    await cable.station.write(encodeConsole(encodeMessage(header, { d: `${fits}x` })))
    expect(await session.request(osCommands.echo, { d: 'still there' })).toEqual({ r: 'still there' })
    expect(cable.sent.device.length).toBe(heard + 1)
  })

  it('whose answer breaks its schema fails as BAD_ANSWER, and so does one that can not be read', async () => {
    const handlers = new Map([['100.2.1', async () => ({ n: 'three' })]])
    let damage = false
    const unreadable = (packet: Buffer) => {
      const copy = Buffer.from(packet)
      copy[8] = 0xff
      return copy
    }
    const { session } = await bench({
      handlers,
      tamper: { answer: (packet) => [damage ? unreadable(packet) : packet] },
    })
    expect(await failureOf(session.request(count, { n: 1 }))).toMatchObject({
      code: 'BAD_ANSWER',
      detail: expect.stringContaining('count: n'),
    })
    damage = true
    expect(await failureOf(session.request(count, { n: 1 }))).toMatchObject({ code: 'BAD_ANSWER' })
  })
})

describe('losses', () => {
  const counting = (numbers: number[]) =>
    new Map([
      serve(count, async ({ n }) => {
        numbers.push(n)
        return { n }
      }),
    ])

  it('are made good by sending again under the same number', async () => {
    const seen: number[] = []
    const numbers: number[] = []
    let lose = 2
    const { session, clock, cable } = await bench({
      handlers: counting(numbers),
      tamper: {
        request: (packet) => {
          const { header } = readMessage(packet)
          if (header?.group !== count.group) return packet
          seen.push(header.sequence)
          return lose-- > 0 ? undefined : packet
        },
      },
    })
    const asked = session.request(count, { n: 7 })
    await clock.advanceAsync(6_000)
    expect(await asked).toEqual({ n: 7 })
    expect(seen).toHaveLength(3)
    expect(new Set(seen).size).toBe(1)
    expect(numbers).toEqual([7])
    expect(session.traffic.resent).toBe(2)
    // What is sent again begins with an empty line, in case the first try left half a line behind.
    expect(cable.sent.station.at(-1)?.[0]).toBe(0x0a)
  })

  it('are given up after the last try', async () => {
    const { session, clock, server, cable } = await bench()
    await server.stop()
    const before = cable.sent.station.length
    const asked = failureOf(session.request(osCommands.echo, { d: '' }, { retries: 2, timeoutMs: 1_000 }))
    await clock.advanceAsync(2_900)
    expect(clock.pending).toBe(1)
    await clock.advanceAsync(200)
    expect(await asked).toMatchObject({ code: 'TIMED_OUT', detail: 'no answer after 3 tries' })
    expect(cable.sent.station.length).toBe(before + 3)
    expect(clock.pending).toBe(0)
  })

  it('damaged answers are counted and asked for again', async () => {
    const { session, clock, cable } = await bench()
    cable.toStation = (bytes) => {
      cable.toStation = (same) => same
      return Buffer.from(bytes.toString('latin1').replace('A', 'B'), 'latin1')
    }
    const asked = session.request(osCommands.echo, { d: 'once more' })
    await clock.advanceAsync(3_000)
    expect(await asked).toEqual({ r: 'once more' })
    expect(session.traffic).toMatchObject({ damaged: 1, resent: 1 })
  })

  it('late and repeated answers are dropped', async () => {
    const held: Buffer[] = []
    let hold = false
    const { session, clock, cable } = await bench({
      handlers: counting([]),
      tamper: {
        answer: (packet) => {
          if (!hold) return [packet, packet, packet]
          held.push(packet)
          return []
        },
      },
    })
    hold = true
    const first = failureOf(session.request(count, { n: 1 }, { retries: 0 }))
    await clock.advanceAsync(2_600)
    expect(await first).toMatchObject({ code: 'TIMED_OUT' })
    hold = false
    const second = session.request(count, { n: 2 })
    for (const packet of held) await cable.device.write(encodeConsole(packet))
    expect(await second).toEqual({ n: 2 })
    expect(await session.request(count, { n: 3 })).toEqual({ n: 3 })
  })

  it('grow the patience on a slow line by what the bytes take', async () => {
    const cable = memoryCable({ baudRate: 9600 })
    const clock = new VirtualClock()
    const server = new SmpServer({
      link: cable.device,
      framing: 'console',
      bufferBytes: 2048,
      bufferCount: 1,
      handlers: new Map(),
      clock,
    })
    await server.start()
    const session = await SmpSession.open(cable.station, { clock })
    await server.stop()
    const asked = failureOf(session.request(osCommands.echo, { d: 'x'.repeat(1900) }, { retries: 0 }))
    await clock.advanceAsync(6_000)
    expect(clock.pending).toBe(1)
    await clock.advanceAsync(6_000)
    expect(await asked).toMatchObject({ code: 'TIMED_OUT' })
  })
})

describe('several requests', () => {
  const slowly = () => {
    const state = { most: 0, now: 0, waiting: [] as (() => void)[] }
    const handlers = new Map([serve(count, async ({ n }) => ({ n }))])
    const tamper = {
      request: (packet: Buffer) => {
        if (readMessage(packet).header?.group === count.group) state.now++
        state.most = Math.max(state.most, state.now)
        return packet
      },
      answer: (packet: Buffer) => {
        if (readMessage(packet).header?.group === count.group) state.now--
        return [packet]
      },
    }
    return { state, handlers, tamper }
  }

  it('go one after the other, in order', async () => {
    const { handlers, tamper, state } = slowly()
    const { session } = await bench({ handlers, tamper })
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => session.request(count, { n })))
    expect(answers.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5])
    expect(state.most).toBe(1)
  })

  it.each([
    [10, 4, 3],
    [2, 4, 2],
    [10, 1, 1],
  ])('a window of %i on %i buffers has %i under way', async (window, bufferCount, expected) => {
    const { session, server, cable } = await bench({ bufferCount })
    await server.stop()
    const before = cable.sent.station.length
    const calling = new AbortController()
    const { signal } = calling
    const asked = Array.from({ length: 6 }, () =>
      failureOf(session.request(osCommands.echo, { d: '' }, { window, signal })),
    )
    await Promise.resolve()
    await Promise.resolve()
    expect(cable.sent.station.length - before).toBe(expected)
    calling.abort()
    for (const error of await Promise.all(asked)) expect(error.code).toBe('CANCELLED')
  })
})

describe('what the device prints', () => {
  it('between packets and within them is kept, cleaned and handed on', async () => {
    const { session, cable, server, lines } = await bench()
    cable.toStation = (bytes) => {
      const text = bytes.toString('latin1')
      return Buffer.from(text.replaceAll('\n', '\n\x1b[31m<err> too warm\x1b[0m\r\n'), 'latin1')
    }
    expect(await session.request(osCommands.echo, { d: 'x'.repeat(200) })).toEqual({ r: 'x'.repeat(200) })
    cable.toStation = (bytes) => bytes
    await server.print('ready\x07')
    await session.request(osCommands.echo, { d: '' })
    expect(lines).toContain('<err> too warm')
    expect(lines.at(-1)).toBe('ready')
    expect(session.deviceLog).toEqual(lines)
  })

  it('is bounded', async () => {
    const { session, cable } = await bench()
    for (let at = 0; at < 2_000; at++) await cable.device.write(Buffer.from(`line ${at}\n`))
    await session.request(osCommands.echo, { d: '' })
    expect(session.deviceLog).toHaveLength(500)
    expect(session.deviceLog.at(-1)).toBe('line 1999')
  })
})

describe('the end of a session', () => {
  it('reaches everybody who waits, in turn or for an answer', async () => {
    const { session, cable, clock, server } = await bench()
    await server.stop()
    const asked = [1, 2, 3].map(() => failureOf(session.request(osCommands.echo, { d: '' })))
    await Promise.resolve()
    cable.unplug()
    for (const error of await Promise.all(asked)) expect(error.code).toBe('SERIAL_UNPLUGGED')
    expect(await session.closed).toMatchObject({ code: 'SERIAL_UNPLUGGED' })
    expect(await failureOf(session.request(osCommands.echo, { d: '' }))).toMatchObject({
      code: 'SERIAL_UNPLUGGED',
    })
    expect(clock.pending).toBe(0)
  })

  it('by closing cancels what waits and closes the port', async () => {
    const { session, cable, clock, server } = await bench()
    await server.stop()
    const asked = failureOf(session.request(osCommands.echo, { d: '' }))
    await session.close()
    expect((await asked).code).toBe('CANCELLED')
    expect((await cable.station.gone).code).toBe('CANCELLED')
    expect((await session.closed).code).toBe('CANCELLED')
    expect(clock.pending).toBe(0)
  })
})

it('counts the bytes of both ways, framing included', async () => {
  const { session, cable } = await bench()
  await session.request(osCommands.echo, { d: 'x'.repeat(300) })
  const sum = (parts: readonly Buffer[]) => parts.reduce((bytes, { length }) => bytes + length, 0)
  expect(session.traffic).toMatchObject({
    sentBytes: sum(cable.sent.station),
    receivedBytes: sum(cable.sent.device),
  })
})
