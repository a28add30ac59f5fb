/** Firmware over a real serial cable into a real device process, whose boot step really starts what was sent. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bankTableSchema } from '../../electron/contract/banks'
import { generateKeyPem } from '../../electron/identity/keys'
import { lookSerialFirmware } from '../../electron/jobs/update-serial'
import { imageCommands } from '../../electron/serial/image-group'
import { uploadImage } from '../../electron/serial/image-upload'
import { iotmcCommands } from '../../electron/serial/iotmc-group'
import { osCommands } from '../../electron/serial/os-group'
import type { SmpSession } from '../../electron/serial/smp-session'
import { type DeviceProcess, killDevices, startDevice } from '../helpers/device-process'
import { makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { SerialBench } from '../helpers/serial-bench'

let bench: SerialBench
let cable: PtyPair
let state = ''
let session: SmpSession | undefined

beforeEach(async () => {
  requirePrivateNetwork()
  bench = await SerialBench.open()
  state = makeFolder('device')
  cable = await startPtyPair(makeFolder('cable'))
})
afterEach(async () => {
  await session?.close()
  session = undefined
  await bench.close()
  await killDevices()
  await cable.stop()
})

const start = async (...extra: string[]): Promise<DeviceProcess> => {
  const device = await startDevice([...bench.deviceArguments(state, cable.device), ...extra])
  await device.ready
  return device
}
const banks = () => bankTableSchema.parse(JSON.parse(readFileSync(join(state, 'banks.json'), 'utf8')))
const never = new AbortController().signal
const look = () => lookSerialFirmware(bench.tools, cable.station, never)

describe('an update by cable', () => {
  it('is sent, started for real, kept, and is still there after a power cut', async () => {
    const device = await start()
    const { id } = bench.bundle({ version: '2.0.0', padBytes: 20_000 })
    const job = await bench.run(cable.station, id)
    expect(job.error).toBeUndefined()
    expect(job.steps.at(-1)?.note).toBe('2.0.0, kept for good')
    expect(banks()).toMatchObject({ confirmed: 'B', last: { outcome: 'confirmed', version: '2.0.0' } })
    await device.kill()
    await start()
    session = await bench.session(cable.station)
    expect(await session.request(iotmcCommands.info, {})).toMatchObject({ firmwareVersion: '2.0.0' })
  })

  it('on trial is gone with the second restart', async () => {
    const device = await start()
    const { id } = bench.bundle({ version: '2.0.0' })
    const job = await bench.run(cable.station, id, { confirm: false })
    expect(job.steps.at(-1)?.note).toBe('2.0.0, on trial: the next restart brings back 1.4.0')
    expect((await look()).slots).toMatchObject([
      { version: '2.0.0', active: true, confirmed: false },
      { version: '1.4.0', active: false, confirmed: true },
    ])
    session = await bench.session(cable.station)
    await session.request(osCommands.reset, {})
    await session.close()
    await device.log(({ event, slot }) => event === 'booting' && slot === 'A' && banks().trial === undefined)
    expect((await look()).slots[0]).toMatchObject({ version: '1.4.0', active: true, confirmed: true })
    expect(banks().last).toEqual({ outcome: 'rolledBack', version: '2.0.0', reason: 'not-confirmed' })
  })

  it.each([
    ['crash', 'boot-failed'],
    ['crash-later', 'error-reported'],
  ] as const)('of an image that does: %s, comes back by itself', async (behaviour, reason) => {
    await start()
    const { id } = bench.bundle({ version: '2.0.0', behaviour })
    const job = await bench.run(cable.station, id)
    expect(job.error).toMatchObject({ code: 'ROLLED_BACK', detail: '1.4.0 runs' })
    expect(banks().last).toMatchObject({ outcome: 'rolledBack', version: '2.0.0', reason })
    expect((await look()).slots[0]).toMatchObject({ version: '1.4.0', active: true, confirmed: true })
  })

  it('of a corrupt image is refused here; sent all the same, it is listed and marked, and never started', async () => {
    await start()
    const { id, image } = bench.bundle({ version: '2.0.0', keyPem: generateKeyPem() })
    expect((await bench.run(cable.station, id)).error?.code).toBe('IMAGE_INVALID')
    expect(banks().banks.B.state).toBe('empty')
    session = await bench.session(cable.station)
    await uploadImage(session, { image })
    const { images } = await session.request(imageCommands.state, {})
    expect(images[1]).toMatchObject({ version: '2.0.0', active: false, pending: false })
    const hash = images[1]?.hash ?? new Uint8Array()
    const marked = await session.request(imageCommands.setState, { hash, confirm: false })
    expect(marked.images[1]).toMatchObject({ version: '2.0.0', pending: true })
    await session.request(osCommands.reset, {})
    await session.close()
    await expect
      .poll(() => banks().last, { timeout: 20_000 })
      .toEqual({ outcome: 'rolledBack', version: '2.0.0', reason: 'image-invalid' })
    expect((await look()).slots).toMatchObject([{ version: '1.4.0', active: true, confirmed: true }])
  })

  it('goes on where a pulled cable has left it', async () => {
    await start()
    const { id } = bench.bundle({ version: '2.0.0', padBytes: 200_000 })
    const jobId = bench.submit(cable.station, id)
    await new Promise<void>((resolve) => {
      const off = bench.runner.on('changed', ([job]) => {
        if ((job?.steps[2]?.progress?.done ?? 0) < 50_000) return
        off()
        resolve()
      })
    })
    await cable.unplug()
    expect((await bench.ended(jobId)).error?.code).toBe('SERIAL_UNPLUGGED')
    await cable.replug()
    await expect.poll(look, { timeout: 20_000 }).toMatchObject({ mode: 'swap' })
    bench.runner.retry([jobId])
    const job = await bench.ended(jobId)
    expect(job.error).toBeUndefined()
    expect(job.steps.find(({ name }) => name === 'upload')?.note).toMatch(/resumed at \d{5,}$/)
  })

  it('where the bootloader overwrites, leaves nothing to go back to', async () => {
    const device = await start('--bootloader-mode', 'overwrite-only')
    expect(await look()).toMatchObject({ mode: 'overwrite-only', rollback: false })
    const { id } = bench.bundle({ version: '2.0.0' })
    expect((await bench.run(cable.station, id)).error?.code).toBe('CONSENT_NEEDED')
    const job = await bench.run(cable.station, id, { consent: true, confirm: false })
    expect(job.error).toBeUndefined()
    expect(job.steps.at(-1)?.note).toBe('2.0.0, kept for good')
    expect(banks()).toMatchObject({ confirmed: 'B', banks: { A: { state: 'invalid' } } })
    await device.kill()
    await start('--bootloader-mode', 'overwrite-only')
    expect((await look()).slots[0]).toMatchObject({ version: '2.0.0', active: true, confirmed: true })
  })
})
