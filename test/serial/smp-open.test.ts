import { describe, expect, it } from 'vitest'
import type { IotmcError } from '../../electron/contract/errors'
import { SMP_RC } from '../../electron/contract/smp'
import { encodeConsole } from '../../electron/serial/smp-frame'
import { encodeMessage, readMessage } from '../../electron/serial/smp-message'
import { SmpRefusal, SmpServer, type SmpServerOptions } from '../../electron/serial/smp-server'
import { SmpSession } from '../../electron/serial/smp-session'
import { memoryCable } from '../helpers/memory-link'
import { VirtualClock } from '../helpers/virtual-clock'

const unsupported = async () => {
  throw new SmpRefusal(undefined, SMP_RC.notSupported)
}

const bench = async (o: Partial<SmpServerOptions> = {}) => {
  const cable = memoryCable()
  const clock = new VirtualClock()
  const server = new SmpServer({
    link: cable.device,
    framing: 'console',
    bufferBytes: 2048,
    bufferCount: 4,
    handlers: new Map([['64.0.0', async () => ({})]]),
    clock,
    ...o,
  })
  await server.start()
  return { cable, clock, server, open: () => SmpSession.open(cable.station, { clock }) }
}

/** Lets time pass until the promise is settled. */
const inTime = async <T>(clock: VirtualClock, promise: Promise<T>, limitMs = 60_000): Promise<T> => {
  let settled = false
  promise.then(
    () => {
      settled = true
    },
    () => {
      settled = true
    },
  )
  for (let ms = 0; !settled && ms < limitMs; ms += 100) await clock.advanceAsync(100)
  return promise
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: IotmcError) => error.code,
  )

describe('opening finds out', () => {
  it.each(['console', 'raw'] as const)('what a device with %s framing can do', async (framing) => {
    const { clock, open } = await bench({ framing })
    const session = await inTime(clock, open())
    expect(session).toMatchObject({
      framing,
      version: 2,
      bufferBytes: 2048,
      bufferCount: 4,
      groups: [0, 10, 64],
    })
  })

  it.each(['console', 'raw'] as const)(
    'and leaves no packet in the log of a device with %s framing',
    async (framing) => {
      const { cable, clock } = await bench({ framing })
      const lines: string[] = []
      const onLog = (line: string) => lines.push(line)
      const session = await inTime(clock, SmpSession.open(cable.station, { clock, onLog }))
      await cable.device.write(Buffer.from('the end of a li'))
      await session.close()
      expect(lines).toEqual(['the end of a li'])
    },
  )

  it('nothing of sizes and groups where the device does not know these commands', async () => {
    const handlers = new Map([
      ['0.0.6', unsupported],
      ['10.0.1', unsupported],
    ])
    const session = await (await bench({ handlers })).open()
    expect(session).toMatchObject({ version: 2, bufferBytes: 256, bufferCount: 1, groups: undefined })
  })

  it('usable sizes where the device says impossible ones', async () => {
    const sizes = async (buf_size: number, buf_count: number) => {
      const handlers = new Map([['0.0.6', async () => ({ buf_size, buf_count })]])
      const { bufferBytes, bufferCount } = await (await bench({ handlers })).open()
      return [bufferBytes, bufferCount]
    }
    expect(await sizes(0, 0)).toEqual([256, 1])
    expect(await sizes(1_000_000, 0)).toEqual([65_536, 1])
  })

  it.each([1_000, 2_500])(
    'a version 1 device that refuses version 2 (silent for %i ms first)',
    async (silentMs) => {
      const startMs = 1_700_000_000_000
      const { clock, open } = await bench({
        version: 1,
        tamper: { request: (packet) => (clock.now() - startMs < silentMs - 1_000 ? undefined : packet) },
      })
      const session = await inTime(clock, open())
      expect(session).toMatchObject({ version: 1, bufferBytes: 2048, bufferCount: 4, groups: [0, 10, 64] })
    },
  )

  it('a version 1 device that ignores version 2', async () => {
    const { clock, open } = await bench({
      version: 1,
      tamper: { request: (packet) => (readMessage(packet).header?.version === 2 ? undefined : packet) },
    })
    expect(await inTime(clock, open())).toMatchObject({ version: 1, bufferBytes: 2048 })
  })

  it('a version 1 device that answers version 2 as if it were its own', async () => {
    const asOld = (packet: Buffer, bits: number) => {
      const copy = Buffer.from(packet)
      copy[0] = ((copy[0] ?? 0) & 7) | bits
      return copy
    }
    const { open } = await bench({ version: 1, tamper: { request: (packet) => asOld(packet, 0) } })
    expect(await open()).toMatchObject({ version: 1, bufferBytes: 2048 })
  })

  it('version 2 of a device that loses the first packet', async () => {
    let seen = 0
    const { clock, open } = await bench({
      tamper: { request: (packet) => (seen++ === 0 ? undefined : packet) },
    })
    expect(await inTime(clock, open())).toMatchObject({ version: 2, framing: 'console', bufferBytes: 2048 })
  })

  it('a device that answers late, when other framings are being tried already', async () => {
    const cable = memoryCable()
    const clock = new VirtualClock()
    let first: Buffer | undefined
    cable.device.onData((bytes) => {
      first ??= bytes
    })
    const opening = SmpSession.open(cable.station, { clock })
    await clock.advanceAsync(3_500)
    const request = Buffer.from(first?.toString('latin1').slice(2).trim() ?? '', 'base64').subarray(2, -2)
    const { header } = readMessage(request)
    if (!header) throw new Error('no request')
    const answer = encodeMessage({ ...header, op: 1 }, { buf_size: 512, buf_count: 2 })
    await cable.device.write(encodeConsole(answer))
    expect(await inTime(clock, opening)).toMatchObject({ framing: 'console', version: 2, bufferBytes: 512 })
  })
})

describe('opening tells apart', () => {
  const failure = async (
    device: (bytes: Buffer) => string | Buffer | undefined,
    framing?: 'console' | 'raw',
  ) => {
    const cable = memoryCable({ path: '/dev/ttyX' })
    const clock = new VirtualClock()
    cable.device.onData((bytes) => {
      const said = device(bytes)
      if (said !== undefined) void cable.device.write(Buffer.from(said))
    })
    const opening = SmpSession.open(cable.station, { clock, ...(framing ? { framing } : {}) })
    const { code, subject } = await inTime(clock, opening).then(
      () => {
        throw new Error('it succeeded')
      },
      (thrown: IotmcError) => thrown,
    )
    return { code, subject, clock }
  }

  it('a port that says nothing', async () => {
    const { code, subject, clock } = await failure(() => undefined)
    expect({ code, subject }).toEqual({ code: 'SERIAL_SILENT', subject: '/dev/ttyX' })
    expect(clock.pending).toBe(0)
  })

  it('a port that chatters', async () => {
    expect(await failure(() => 'login: ')).toMatchObject({ code: 'NOT_SMP' })
  })

  it('a port that repeats what it is told', async () => {
    expect(await failure((bytes) => bytes)).toMatchObject({ code: 'NOT_SMP' })
  })

  it('a port that floods', async () => {
    const noise = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 256))
    expect(await failure(() => noise)).toMatchObject({ code: 'NOT_SMP' })
  })

  it.each(['console', 'raw'] as const)('silence within %s framing alone', async (framing) => {
    expect(await failure(() => undefined, framing)).toMatchObject({ code: 'SERIAL_SILENT' })
  })
})

describe('opening ends at once', () => {
  it('when the cable is pulled', async () => {
    const cable = memoryCable()
    const clock = new VirtualClock()
    const opening = codeOf(SmpSession.open(cable.station, { clock }))
    await clock.advanceAsync(500)
    cable.unplug()
    expect(await opening).toBe('SERIAL_UNPLUGGED')
    expect(clock.pending).toBe(0)
  })

  it('when it is called off, and the port stays open for another try', async () => {
    const { cable, clock, open, server } = await bench()
    await server.stop()
    const calling = new AbortController()
    const opening = codeOf(SmpSession.open(cable.station, { clock, signal: calling.signal }))
    await clock.advanceAsync(500)
    calling.abort()
    expect(await opening).toBe('CANCELLED')
    expect(clock.pending).toBe(0)
    await server.start()
    expect(await open()).toMatchObject({ version: 2 })
  })
})
