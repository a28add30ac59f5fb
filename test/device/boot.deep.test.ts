import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { BankStore } from '../../electron/device/bank-store'
import { BootLines } from '../../electron/device/boot-lines'
import type { BootProgram } from '../../electron/device/boot-process'
import { makeMcuboot } from '../../electron/firmware/mcuboot'
import { generateKeyPem } from '../../electron/identity/keys'
import {
  arm,
  bootProgram,
  type Factory,
  install,
  makeBench,
  makeFactory,
  makeHost,
  sample,
} from '../helpers/boot-bench'

const WAIT_MS = 60_000

let factory: Factory
let program: BootProgram
beforeAll(async () => {
  factory = await makeFactory()
  program = await bootProgram()
}, WAIT_MS)

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})
const host = (banks: BankStore, options?: { bootMs?: number; anchorFile?: string }) => {
  const made = makeHost(banks, program, options)
  stops.push(() => made.host.stop())
  return made
}
/** A device with such an image in bank B, on trial from the next start on. */
const onTrial = async (image: Buffer, manner?: 'once'): Promise<BankStore> => {
  const banks = await makeBench(factory)
  await install(banks, factory, image)
  arm(banks, manner)
  return banks
}
const damage = (path: string): void => {
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9)
  writeFileSync(path, bytes)
}
const OLD = { slot: 'A', version: '1.4.0' } as const
const NEW = { slot: 'B', version: '2.0.0' } as const

describe('a start', { timeout: WAIT_MS }, () => {
  it('runs the image of the factory, again after it was stopped', async () => {
    const banks = await makeBench(factory)
    const { host: made } = host(banks)
    const { table } = banks
    expect(await made.comeUp()).toEqual(OLD)
    expect(await made.comeUp()).toEqual(OLD)
    await made.stop()
    expect(made.running).toBeUndefined()
    expect(await made.start()).toEqual(OLD)
    expect(banks.table).toEqual(table)
  })

  it('tries a healthy image, which then stays on trial', async () => {
    const banks = await onTrial(sample('healthy'))
    expect(await host(banks).host.comeUp()).toEqual(NEW)
    expect(banks.table).toMatchObject({
      confirmed: 'A',
      trial: { phase: 'running' },
      banks: { B: { state: 'valid', bootAttempts: 0 } },
    })
    expect(banks.active).toBe('B')
  })

  it('gives an image up that fails three times', async () => {
    const banks = await onTrial(sample('crash'))
    const { host: made, logs, faults } = host(banks)
    expect(await made.comeUp()).toEqual(OLD)
    expect(logs.filter(({ event }) => event === 'booting').map(({ facts }) => facts.slot)).toEqual([
      ...['B', 'B', 'B', 'A'],
    ])
    expect(faults).toEqual(['boot-failed'])
    expect(banks.table.last).toEqual({ outcome: 'rolledBack', version: '2.0.0', reason: 'boot-failed' })
    expect(banks.table).toMatchObject({ confirmed: 'A', banks: { B: { state: 'invalid' } } })
    expect(banks.table.trial).toBeUndefined()
  })

  it('gives an image up that never says that it runs, in the manner of MCUboot after one start', async () => {
    const banks = await onTrial(sample('silent'), 'once')
    const { host: made, logs } = host(banks, { bootMs: 4_000 })
    expect(await made.comeUp()).toEqual(OLD)
    expect(logs.filter(({ event }) => event === 'booting')).toHaveLength(2)
    expect(banks.table.last?.reason).toBe('boot-failed')
  })

  it('in the manner of MCUboot, is the last one of an image that nobody confirmed', async () => {
    const banks = await onTrial(sample('healthy'), 'once')
    const { host: made } = host(banks)
    expect(await made.comeUp()).toEqual(NEW)
    await made.stop()
    expect(await made.comeUp()).toEqual(OLD)
    expect(banks.table.last?.reason).toBe('not-confirmed')
  })
})

describe('what lies in a bank is judged at each start', { timeout: WAIT_MS }, () => {
  const LEFT_OUT = { ...OLD, reason: 'image-invalid' } as const
  const comesBack = async (banks: BankStore): Promise<void> => {
    const { slot, version, reason } = LEFT_OUT
    const { host: made } = host(banks)
    expect(await made.comeUp()).toEqual({ slot, version })
    await made.stop()
    expect(banks.table.last).toEqual({ outcome: 'rolledBack', version: '2.0.0', reason })
  }

  it.each(['image', 'manifest', 'signature'] as const)('a changed %s is not started', async (file) => {
    const banks = await onTrial(sample('healthy'))
    damage(banks.paths('B')[file])
    await comesBack(banks)
  })

  it('neither is an image that was cut off, or is gone', async () => {
    const banks = await onTrial(sample('healthy'))
    writeFileSync(banks.paths('B').image, sample('healthy').subarray(0, -1))
    await comesBack(banks)
    await install(banks, factory, sample('healthy'))
    arm(banks)
    rmSync(banks.paths('B').image)
    await comesBack(banks)
  })

  it('neither is one of another signer, unless it is started with that anchor', async () => {
    const other = await makeFactory()
    const banks = await makeBench(factory)
    await install(banks, other, sample('healthy'))
    arm(banks)
    await comesBack(banks)
    await install(banks, other, sample('healthy'))
    arm(banks)
    const anchorFile = join(other.folder, 'root.pem')
    expect(await host(banks, { anchorFile }).host.comeUp()).toEqual(NEW)
  })

  it('neither is a genuine image in the place of another', async () => {
    const [banks, source] = [await onTrial(sample('healthy')), await makeBench(factory)]
    await install(source, factory, sample('healthy', '1.9.0'), { version: '1.9.0' })
    for (const file of ['image', 'manifest', 'signature'] as const)
      writeFileSync(banks.paths('B')[file], readFileSync(source.paths('B')[file]))
    await comesBack(banks)
  })

  it('a damaged confirmed bank gives way to the other one; with both damaged the device says so and goes on', async () => {
    const banks = await makeBench(factory)
    await install(banks, factory, sample('healthy'))
    damage(banks.paths('A').image)
    const { host: made, logs } = host(banks)
    expect(await made.comeUp()).toEqual(NEW)
    expect(banks.table).toMatchObject({ confirmed: 'B', banks: { A: { state: 'invalid' } } })
    await made.stop()
    damage(banks.paths('B').signature)
    const before = banks.table
    expect(await made.comeUp()).toBeUndefined()
    expect(logs.map(({ event }) => event)).toContain('no-image')
    expect(banks.table).toEqual(before)
    // Repaired, it is no more than a restart away.
    damage(banks.paths('B').signature)
    await made.stop()
    expect(await made.comeUp()).toEqual(NEW)
  })

  it('an image in the form of MCUboot is started with a manifest, or by its own signature alone', async () => {
    const { keyPem } = factory.signer
    const image = makeMcuboot({
      payload: sample('healthy'),
      version: '2.0.0',
      securityCounter: 1,
      keyPem,
    })
    const signed = await makeBench(factory)
    await install(signed, factory, image, { format: 'mcuboot' })
    arm(signed)
    expect(await host(signed).host.comeUp()).toEqual(NEW)
    const byCable = await onTrial(image, 'once')
    for (const file of ['manifest', 'signature'] as const) rmSync(byCable.paths('B')[file])
    expect(await host(byCable).host.comeUp()).toEqual(NEW)
    const foreign = makeMcuboot({
      payload: sample('healthy'),
      version: '2.0.0',
      securityCounter: 1,
      keyPem: generateKeyPem(),
    })
    const refused = await onTrial(foreign, 'once')
    for (const file of ['manifest', 'signature'] as const) rmSync(refused.paths('B')[file])
    await comesBack(refused)
  })
})

describe('an image that runs', { timeout: WAIT_MS }, () => {
  it.each([
    ['hang', 'watchdog'],
    ['error', 'error-reported'],
    ['unhealthy', 'health-check'],
    ['crash-later', 'error-reported'],
  ] as const)('on trial, with %s: the old one comes back', async (behaviour, reason) => {
    const banks = await onTrial(sample(behaviour))
    const { host: made, until, faults } = host(banks)
    expect(await made.comeUp()).toEqual(NEW)
    await until(({ event, facts }) => event === 'running' && facts.slot === 'A')
    expect(banks.table.last).toEqual({ outcome: 'rolledBack', version: '2.0.0', reason })
    expect(faults).toEqual([reason])
  })

  it('and was confirmed is started again, whatever it does', async () => {
    const banks = await onTrial(sample('crash-later'))
    banks.apply({ type: 'disarmed' })
    const { host: made, logs, until } = host(banks)
    damage(banks.paths('A').image)
    expect(await made.comeUp()).toEqual(NEW)
    expect(banks.table.confirmed).toBe('B')
    const { table } = banks
    await until(() => logs.filter(({ event }) => event === 'running').length >= 3)
    expect(banks.table).toEqual(table)
    await made.stop()
    expect(made.running).toBeUndefined()
  })

  it('may say what it likes', () => {
    const said: string[] = []
    const lines = new BootLines((line) => said.push(line.event))
    lines.add('{"event":"boo')
    lines.add('ting","slot":"A","version":"1"}\nnoise\n[]\n{"event":"unknown"}\n')
    lines.add(`{"event":"alive","pad":"${'x'.repeat(5000)}"}\n{"event":"alive"}\n`)
    lines.add(`${'x'.repeat(9000)}`)
    lines.add('\n{"event":"health","ok":true}\n')
    expect(said).toEqual(['booting', 'alive', 'health'])
  })
})
