/** Firmware over a cable: each step with MCUboot's manners, in virtual time, against the device's own serial side. */
import { afterEach, describe, expect, it } from 'vitest'
import { activeSlot } from '../../electron/contract/banks'
import { IotmcError } from '../../electron/contract/errors'
import type { FaultName } from '../../electron/device/faults'
import { lookSerialFirmware } from '../../electron/jobs/update-serial'
import { readBoard } from '../../electron/jobs/update-serial-look'
import { delay, systemClock } from '../../electron/net/clock'
import { imageCommands } from '../../electron/serial/image-group'
import { SmpServer, serve } from '../../electron/serial/smp-server'
import type { SmpSession } from '../../electron/serial/smp-session'
import { BenchDevice, stopBenches } from '../helpers/bench-device'
import { memoryCable } from '../helpers/memory-link'
import {
  BUNDLE,
  notes,
  PORT,
  SerialWorld,
  stepStates,
  verifies,
  type WorldOptions,
} from './update-serial-world'

afterEach(stopBenches)

const never = new AbortController().signal

describe('an update over a cable', () => {
  it('runs through all steps and is kept for good', async () => {
    const world = new SerialWorld()
    const job = await world.run()
    expect(job.error).toBeUndefined()
    expect(stepStates(job)).toEqual({
      connect: 'done',
      'check-fit': 'done',
      upload: 'done',
      'mark-for-test': 'done',
      restart: 'done',
      'check-running': 'done',
      confirm: 'done',
      'read-back': 'done',
    })
    expect(notes(job)).toMatchObject({
      connect: expect.stringMatching(/^PX-200 C2, board [0-9a-f]{16}$/),
      'check-fit': '1.4.0 runs, swap',
      upload: `${world.image.length} bytes`,
      'check-running': '2.0.0 runs on trial',
      'read-back': '2.0.0, kept for good',
    })
    const { table } = world.device.banks
    expect(table).toMatchObject({
      confirmed: 'B',
      floor: 1,
      last: { outcome: 'confirmed', version: '2.0.0' },
    })
    expect(table.trial).toBeUndefined()
    expect(world.device.told.filter((one) => one === 'reset')).toHaveLength(1)
  })

  it('sends nothing to a device that is leaving its site', async () => {
    const world = new SerialWorld()
    world.requireFree = () => {
      throw new IotmcError('FROZEN', { subject: 'PX200-00007' })
    }
    const job = await world.run()
    expect(job.error).toMatchObject({ code: 'FROZEN' })
    expect(stepStates(job)).toMatchObject({ connect: 'failed', upload: 'pending' })
    expect(world.device.banks.table.banks.B.state).toBe('empty')
  })

  it('knows the device by the identity that it names', async () => {
    const identity = { serialNumber: 'PX200-00007', udn: 'uuid:00000000-0000-4000-8000-000000000007' }
    const info = { ...identity, model: 'PX-200', hardwareRevision: 'C2', hardwareId: Buffer.alloc(8) }
    const session = { groups: undefined, request: async () => info } as unknown as SmpSession
    const asking = { session, clock: systemClock, signal: never }
    expect(await readBoard(asking)).toMatchObject(identity)
  })

  it('leaves it on trial where nobody asks for more, and the next restart brings the old one back', async () => {
    const world = new SerialWorld()
    const job = await world.run({ confirm: false })
    expect(job.state).toBe('done')
    expect(stepStates(job).confirm).toBe('skipped')
    expect(notes(job)['read-back']).toBe('2.0.0, on trial: the next restart brings back 1.4.0')
    expect(activeSlot(world.device.banks.table)).toBe('B')
    await world.powerCycle()
    const { table } = world.device.banks
    expect(activeSlot(table)).toBe('A')
    expect(table.last).toEqual({ outcome: 'rolledBack', version: '2.0.0', reason: 'not-confirmed' })
  })

  it('confirms later what is on trial, without sending it again', async () => {
    const world = new SerialWorld()
    await world.run({ confirm: false })
    const job = await world.end(world.submit({ confirm: true }))
    expect(job.error).toBeUndefined()
    expect(stepStates(job)).toMatchObject({ upload: 'skipped', 'mark-for-test': 'skipped', confirm: 'done' })
    expect(world.device.banks.table.confirmed).toBe('B')
    expect(world.device.told.filter((one) => one === 'reset')).toHaveLength(1)
  })

  it('takes nobody’s word for an image that the boot step rejects', async () => {
    const world = new SerialWorld({ verifies: (slot) => slot === 'A' })
    const job = await world.run()
    expect(job.error).toMatchObject({ code: 'ROLLED_BACK', detail: '1.4.0 runs' })
    expect(stepStates(job)).toMatchObject({ restart: 'done', 'check-running': 'failed' })
    expect(world.device.banks.table.last).toMatchObject({ outcome: 'rolledBack', reason: 'image-invalid' })
  })

  it('goes on at its offset after the cable was pulled, and says so', async () => {
    const world = new SerialWorld({ payloadBytes: 30_000 })
    const id = await world.begin()
    world.atPacket(40, () => world.unplug())
    const failed = await world.end(id)
    expect(failed.error?.code).toBe('SERIAL_UNPLUGGED')
    expect(stepStates(failed).upload).toBe('failed')
    await world.drive(delay(world.clock, 3_000))
    world.runner.retry([id])
    const job = await world.end(id)
    expect(job.error).toBeUndefined()
    expect(notes(job).upload).toMatch(/resumed at \d{4,5}$/)
  })

  it('goes on at its offset after the program was closed', async () => {
    const world = new SerialWorld({ payloadBytes: 30_000 })
    const id = await world.begin()
    await world.drive(
      new Promise<void>((resolve) => world.atPacket(40, () => void world.runner.stop().then(resolve))),
    )
    await world.restartProgram()
    const job = await world.end(id)
    expect(job.error).toBeUndefined()
    expect(notes(job).upload).toMatch(/resumed at \d{4,5}$/)
  })

  it('orders no second restart after the program was closed behind the first', async () => {
    const world = new SerialWorld()
    const id = await world.begin()
    await world.end(id, () => world.device.told.includes('reset'))
    await world.restartProgram()
    const job = await world.end(id)
    expect(job.error).toBeUndefined()
    expect(world.device.told.filter((one) => one === 'reset')).toHaveLength(1)
    expect(world.device.banks.table.confirmed).toBe('B')
  })

  it('says that the device went back when its power failed on trial', async () => {
    const world = new SerialWorld()
    const id = await world.begin()
    await world.end(id, () => world.device.told.includes('reset'))
    await world.drive(world.runner.stop())
    await world.powerCycle()
    await world.restartProgram()
    const job = await world.end(id)
    expect(job.error).toMatchObject({ code: 'ROLLED_BACK', detail: '1.4.0 runs' })
    expect(world.device.told).not.toContain('reset')
    expect(world.device.banks.table.last?.reason).toBe('not-confirmed')
  })

  it('does not go on with another board', async () => {
    const world = new SerialWorld({ payloadBytes: 30_000 })
    const id = await world.begin()
    world.atPacket(40, () => world.unplug())
    await world.end(id)
    world.device = new BenchDevice({ verifies, clock: world.clock })
    await world.device.side.start()
    world.runner.retry([id])
    const job = await world.end(id)
    expect(job.error?.code).toBe('OTHER_DEVICE')
    expect(world.device.banks.table.banks.B.state).toBe('empty')
  })

  it('says so when the device does not come back', async () => {
    const world = new SerialWorld()
    const id = await world.begin()
    await world.end(id, () => world.device.told.includes('reset'))
    world.unplug(5 * 60_000)
    const begunMs = world.clock.now()
    const job = await world.end(id)
    expect(job.error?.code).toBe('SERIAL_UNPLUGGED')
    expect(stepStates(job).restart).toBe('failed')
    expect(world.clock.now() - begunMs).toBeGreaterThan(120_000)
    await world.drive(delay(world.clock, 5 * 60_000))
    world.runner.retry([id])
    expect((await world.end(id)).state).toBe('done')
    expect(world.device.banks.table.confirmed).toBe('B')
  })

  it('sends an image again that somebody has erased meanwhile', async () => {
    const world = new SerialWorld()
    const id = await world.begin()
    await world.end(id, (job) => stepStates(job)['mark-for-test'] === 'running')
    await world.drive(world.runner.stop())
    world.device.banks.apply({ type: world.device.banks.table.trial ? 'disarmed' : 'erased' })
    world.device.banks.apply({ type: 'erased' })
    await world.restartProgram()
    const job = await world.end(id)
    expect(job.error).toBeUndefined()
    expect(world.device.banks.table.confirmed).toBe('B')
  })
})

describe('on a bad wire', () => {
  const placed = (name: FaultName, command: string) => ({ faults: [name], places: { [name]: command } })
  it.each<[string, WorldOptions]>([
    ['the first command of each kind is refused for want of memory', { faults: ['rc-2'] }],
    ['the first answer of each kind is lost', { faults: ['silent-drop'] }],
    ['the first answer of each kind is damaged', { faults: ['bad-crc'] }],
    ['lines of answers are lost', { faults: ['drop-fragment'] }],
    ['the device chatters between its answers', { faults: ['garbage'] }],
    ['the device is slow', { faults: ['slow'], payloadBytes: 3_000 }],
    ['the line has no frames', { framing: 'raw' }],
    ['the answer to the restart is lost', placed('silent-drop', 'reset')],
    ['the answer to the mark is lost', placed('silent-drop', 'set-image-state')],
  ])('%s, and the update is done all the same, with one restart', async (_, options) => {
    const world = new SerialWorld(options)
    const job = await world.run()
    expect(job.error).toBeUndefined()
    expect(world.device.banks.table).toMatchObject({ confirmed: 'B', last: { outcome: 'confirmed' } })
    expect(world.device.told.filter((one) => one === 'reset')).toHaveLength(1)
  })

  it.each(['image-upload', 'set-image-state', 'reset', 'image-state'])(
    'the port goes away in the middle of %s, and the next try goes on',
    async (command) => {
      const world = new SerialWorld(placed('unplug', command))
      const id = await world.begin()
      let job = await world.end(id)
      if (job.state === 'failed') {
        expect(job.error?.code).toBe('SERIAL_UNPLUGGED')
        await world.drive(delay(world.clock, 3_000))
        world.runner.retry([id])
        job = await world.end(id)
      }
      expect(job.error).toBeUndefined()
      expect(world.device.banks.table.confirmed).toBe('B')
      expect(world.device.told.filter((one) => one === 'reset')).toHaveLength(1)
    },
  )
})

describe('what is found before a byte is sent', () => {
  it.each([
    ['another model', { model: 'TH-310' }, 'WRONG_MODEL', 'PX-200, not TH-310'],
    ['another hardware', { hardwareRevisions: ['D1'] }, 'WRONG_MODEL', 'hardware revision C2'],
    ['another version than its header says', { version: '2.0.1' }, 'IMAGE_INVALID', undefined],
    ['another security version', { securityVersion: 2 }, 'IMAGE_INVALID', undefined],
  ] as const)('%s', async (_, change, code, detail) => {
    const world = new SerialWorld()
    Object.assign(world.manifest, change)
    const job = await world.run()
    expect(job.error).toMatchObject({ code, ...(detail ? { detail } : {}) })
    expect(stepStates(job)['check-fit']).toBe('failed')
    expect(world.device.banks.table.banks.B.state).toBe('empty')
  })

  it.each([
    ['a wrong hash', { sha256: '0'.repeat(64) }, 'HASH_MISMATCH'],
    ['a wrong size', { size: 17 }, 'IMAGE_TRUNCATED'],
    ['a raw image', { format: 'raw' }, 'IMAGE_INVALID'],
  ] as const)('%s', async (_, change, code) => {
    const world = new SerialWorld()
    Object.assign(world.manifest.image, change)
    expect((await world.run()).error?.code).toBe(code)
    expect(world.device.banks.table.banks.B.state).toBe('empty')
  })

  it('a bundle that is gone', async () => {
    const world = new SerialWorld()
    expect((await world.run({ bundleId: 'c'.repeat(64) })).error?.code).toBe('BUNDLE_UNKNOWN')
    expect(BUNDLE).not.toBe('c'.repeat(64))
  })

  it('a bootloader that keeps no way back, unless a person accepts that', async () => {
    const world = new SerialWorld({ bootloaderMode: 'overwrite-only' })
    const job = await world.run()
    expect(job.error).toMatchObject({
      code: 'CONSENT_NEEDED',
      detail: 'its bootloader overwrites the old image',
    })
    const accepted = await world.end(world.submit({ consent: true }))
    expect(accepted.error).toBeUndefined()
    expect(notes(accepted)).toMatchObject({
      'check-running': '2.0.0 runs',
      'read-back': '2.0.0, kept for good',
    })
    expect(world.device.banks.table.banks.A.state).toBe('invalid')
  })

  it('an older security version than the device allows', async () => {
    const world = new SerialWorld({ securityVersion: 0 })
    const job = await world.run()
    expect(job.error?.code).toBe('SECURITY_VERSION_TOO_LOW')
    expect(activeSlot(world.device.banks.table)).toBe('A')
  })

  it('a trial of something else that is still open', async () => {
    const world = new SerialWorld()
    await world.run({ confirm: false })
    world.renew('2.1.0')
    const job = await world.end(world.submit())
    expect(job.error).toMatchObject({ code: 'BUSY', detail: '2.0.0 is on trial' })
  })
})

describe('looking at what is connected', () => {
  it('tells slots, manner and model, and lets go of the port', async () => {
    const world = new SerialWorld()
    await world.run({ confirm: false })
    const seen = await world.drive(lookSerialFirmware(world.tools, PORT, never))
    expect(seen).toMatchObject({
      path: PORT,
      model: 'PX-200',
      hardwareRevision: 'C2',
      mode: 'swap',
      rollback: true,
      slots: [
        { slot: 0, version: '2.0.0', active: true, confirmed: false, pending: false, bootable: true },
        { slot: 1, version: '1.4.0', active: false, confirmed: true, pending: false },
      ],
    })
    // The port is free again.
    const session = await world.drive(world.tools.openSerial(PORT, never))
    const { images } = await world.drive(session.session.request(imageCommands.state, {}))
    expect(images).toHaveLength(2)
  })

  it('takes a device that says neither model nor manner, and asks for consent', async () => {
    const world = new SerialWorld()
    const cable = memoryCable()
    const hash = Buffer.alloc(32, 7)
    const images = [{ slot: 0, version: '0.9.0', hash, active: true, confirmed: true }]
    const server = new SmpServer({
      ...{ link: cable.device, framing: 'console', bufferBytes: 256, bufferCount: 1, clock: world.clock },
      handlers: new Map([serve(imageCommands.state, async () => ({ images }))]),
    })
    await server.start()
    world.device.cable = cable
    const seen = await world.drive(lookSerialFirmware(world.tools, PORT, never))
    expect(seen).toEqual({
      path: PORT,
      mode: 'unknown',
      rollback: false,
      slots: [
        {
          ...{ slot: 0, version: '0.9.0', hash: hash.toString('hex') },
          ...{ active: true, confirmed: true, pending: false, bootable: false },
        },
      ],
    })
    world.runner.start()
    const job = await world.end(world.submit())
    expect(job.error).toMatchObject({
      code: 'CONSENT_NEEDED',
      detail: expect.stringContaining('does not say what it keeps'),
    })
    expect(notes(job).connect).toBe('a device that does not say which one it is')
    await server.stop()
  })

  it('says that there is no way back where there is none', async () => {
    const world = new SerialWorld({ bootloaderMode: 'ram-load' })
    await world.device.side.start()
    const seen = await world.drive(lookSerialFirmware(world.tools, PORT, never))
    expect(seen).toMatchObject({ mode: 'ram-load', rollback: false })
  })
})
