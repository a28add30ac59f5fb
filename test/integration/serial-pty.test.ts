import { chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IotmcError } from '../../electron/contract/errors'
import { systemClock } from '../../electron/net/clock'
import { imageCommands } from '../../electron/serial/image-group'
import { uploadImage } from '../../electron/serial/image-upload'
import { openLink } from '../../electron/serial/link'
import { osCommands } from '../../electron/serial/os-group'
import { SmpServer, serve } from '../../electron/serial/smp-server'
import { SmpSession } from '../../electron/serial/smp-session'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { makeTempDir } from '../helpers/temp-dir'

let dir: ReturnType<typeof makeTempDir>
let cable: PtyPair
const cleanups: (() => Promise<void>)[] = []

beforeEach(async () => {
  dir = makeTempDir()
  cable = await startPtyPair(dir.path)
})

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
  await cable.stop()
  dir.remove()
})

const slot = () => {
  const state = { data: Buffer.alloc(0) }
  const handler = serve(imageCommands.upload, async ({ off, data }) => {
    if (off === state.data.length) state.data = Buffer.concat([state.data, data])
    return { off: state.data.length }
  })
  return { state, handler }
}

const serveDevice = async (framing: 'console' | 'raw' = 'console') => {
  const link = await openLink(cable.device)
  const { state, handler } = slot()
  const server = new SmpServer({
    link,
    framing,
    bufferBytes: 2048,
    bufferCount: 4,
    handlers: new Map([handler]),
  })
  await server.start()
  cleanups.push(async () => {
    await server.stop()
    await link.close()
  })
  return { link, server, state }
}

const openSession = async (framing: 'console' | 'raw' | 'auto' = 'auto') => {
  const session = await SmpSession.open(await openLink(cable.station), { clock: systemClock, framing })
  cleanups.push(() => session.close())
  return session
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: IotmcError) => error.code,
  )

const NOBODY = 65_534

/** Root may open everything: its rights are laid down meanwhile. */
const withoutRights = async <T>(work: () => Promise<T>): Promise<T> => {
  if (process.getuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

describe('over a real terminal', () => {
  it.each(['console', 'raw'] as const)('commands and an upload pass with %s framing', async (framing) => {
    const { state, server } = await serveDevice(framing)
    const session = await openSession(framing)
    expect(session).toMatchObject({ framing, version: 2, bufferBytes: 2048 })
    if (framing === 'console') await server.print('hello from the board')
    expect(await session.request(osCommands.echo, { d: 'x'.repeat(1500) })).toEqual({ r: 'x'.repeat(1500) })
    const image = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31) % 256))
    expect(await uploadImage(session, { image, window: 3 })).toEqual({ bytes: 100_000, resumedAt: 0 })
    expect(state.data.equals(image)).toBe(true)
    if (framing === 'console') expect(session.deviceLog).toContain('hello from the board')
  })

  it('a pulled cable ends a waiting request at once, and plugged in again the same port works', async () => {
    const { server } = await serveDevice()
    const session = await openSession('console')
    await server.stop()
    const waiting = codeOf(session.request(osCommands.echo, { d: '' }, { timeoutMs: 50_000 }))
    await cable.unplug()
    expect(await waiting).toBe('SERIAL_UNPLUGGED')
    expect((await session.closed).code).toBe('SERIAL_UNPLUGGED')
    expect(await codeOf(openLink(cable.station))).toBe('SERIAL_PORT_MISSING')
    await cable.replug()
    await serveDevice()
    expect(await (await openSession('console')).request(osCommands.echo, { d: 'again' })).toEqual({
      r: 'again',
    })
  })

  it('a pulled cable is noticed while nothing is asked', async () => {
    const link = await openLink(cable.station)
    await cable.unplug()
    expect((await link.gone).code).toBe('SERIAL_UNPLUGGED')
    expect(await codeOf(link.write(Buffer.from('x')))).toBe('SERIAL_UNPLUGGED')
    await link.close()
  })

  it('a port can be opened again after it was closed', async () => {
    await serveDevice()
    for (const d of ['one', 'two', 'three']) {
      const session = await SmpSession.open(await openLink(cable.station), { clock: systemClock })
      expect(await session.request(osCommands.echo, { d })).toEqual({ r: d })
      await session.close()
    }
  })

  it('a silent port and a chattering one are told apart', async () => {
    const device = await openLink(cable.device)
    const station = await openLink(cable.station)
    cleanups.push(
      () => device.close(),
      () => station.close(),
    )
    const open = () => codeOf(SmpSession.open(station, { clock: systemClock, timeoutMs: 30 }))
    expect(await open()).toBe('SERIAL_SILENT')
    const stop = device.onData(() => void device.write(Buffer.from('login: ')))
    expect(await open()).toBe('NOT_SMP')
    stop()
  })
})

describe('a port that can not be opened is', () => {
  it('missing', async () => {
    const error = await openLink(join(dir.path, 'none')).catch((thrown: IotmcError) => thrown)
    expect(error).toMatchObject({ code: 'SERIAL_PORT_MISSING', subject: join(dir.path, 'none') })
  })

  it('busy while somebody has it', async () => {
    const first = await openLink(cable.station)
    expect(await codeOf(openLink(cable.station))).toBe('SERIAL_PORT_BUSY')
    await first.close()
    await (await openLink(cable.station)).close()
  })

  it('denied where this account has no right to it', async () => {
    chmodSync(dirname(cable.station), 0o755)
    chmodSync(cable.station, 0)
    expect(await withoutRights(() => codeOf(openLink(cable.station)))).toBe('SERIAL_PORT_DENIED')
  })

  it('not waited for once it is called off', async () => {
    expect(await codeOf(openLink(cable.station, { signal: AbortSignal.abort() }))).toBe('CANCELLED')
  })
})
