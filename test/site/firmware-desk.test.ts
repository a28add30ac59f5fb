/** The firmware desk with a real library and records: what is offered, what may go, what the audit says. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { Job } from '../../electron/contract/job'
import { JobRunner } from '../../electron/jobs/runner'
import type { StepPlan } from '../../electron/jobs/step'
import { FirmwareDesk } from '../../electron/site/firmware-desk'
import { FirmwareWatch } from '../../electron/site/firmware-watch'
import { Records } from '../../electron/store/records'
import { draft, type Maker, maker, pack } from '../firmware/make'
import { deviceRow, udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'
import { NOW } from '../identity/make'
import { settle } from '../jobs/bench'
import { planOf } from './rollout-world'

let folder: ReturnType<typeof makeTempDir>
let known: Maker
let records: Records
const clock = new VirtualClock(NOW)
beforeEach(async () => {
  folder = makeTempDir('iotmc-desk-')
  known = await maker()
  records = Records.open(join(folder.path, 'records.sqlite'))
})
afterEach(() => {
  records.close()
  folder.remove()
})

/** `roots` are the trusted factory roots; `answer` is what devices say to an action. */
const open = async (
  roots: string[] = [known.root.pem],
  answer: (action: string) => Record<string, string> = offline,
) => {
  const events: string[] = []
  const called: string[] = []
  const link = {
    call: async (udn: string, _: string, action: string) => {
      called.push(`${udn.slice(-1)} ${action}`)
      return answer(action)
    },
    state: () => Promise.reject(new IotmcError('DEVICE_OFFLINE')),
  }
  const watch = new FirmwareWatch({ clock, link, changed: () => undefined })
  const log = { ...keepingLog(), warn: () => undefined }
  const plans: { of?: (job: Job) => readonly StepPlan[] } = {}
  const runner = new JobRunner({
    clock,
    journal: records.jobs,
    concurrency: 8,
    plan: (job) => plans.of?.(job) ?? [],
    log,
  })
  const desk = await FirmwareDesk.open({
    clock,
    folder: join(folder.path, 'firmware'),
    trust: () => ({ anchors: roots, crls: [] }),
    table: records.rollouts,
    runner,
    link,
    watch,
    log,
    emit: (event) => void events.push(event),
    devices: () => [
      { device: row(1, { model: 'TH-10' }), enrolled: true, hardwareRevision: 'B' },
      { device: row(2, { model: 'PX-200' }), enrolled: true, hardwareRevision: 'B' },
      { device: row(3, { model: 'TH-10', online: false }), enrolled: true, hardwareRevision: 'A' },
      { device: row(4, { model: 'TH-10' }), enrolled: false },
    ],
    isOnline: () => false,
    remember: () => undefined,
    portInUse: () => false,
    requireFree: () => undefined,
    audit: (action, subject, detail) =>
      records.audit.append({
        atMs: clock.now(),
        actor: 'Operator 17',
        action,
        subject,
        ...(detail ? { detail } : {}),
      }),
  })
  plans.of = (job) => desk.plan(job)
  desk.begin()
  runner.start()
  const close = async (): Promise<void> => {
    await runner.stop()
    desk.close()
  }
  return { desk, runner, events, called, close }
}

const offline = (): never => {
  throw new IotmcError('DEVICE_OFFLINE')
}
const row = (n: number, over: Parameters<typeof deviceRow>[1]) =>
  deviceRow(n, { capabilities: ['enroll', 'ota'], firmwareVersion: '2.0.0', ...over })
const audit = () => records.audit.list({ limit: 50 }).map(({ action }) => action)

it('a bundle is taken in, held against each device, offered while its rollout lives, and gone on request', async () => {
  const { desk, events, close } = await open()
  const { added } = await desk.add(await pack(folder.path, { signer: known.signer }))
  expect(events).toContain('firmwareLibrary')
  const fits = await desk.fits(added.id)
  expect(fits.map(({ fits: fit, reason }) => [fit, reason])).toEqual([
    [true, undefined],
    [false, 'wrong-model'],
    [true, 'offline'],
    [false, 'not-enrolled'],
  ])
  const id = desk.start(planOf([1], { bundleId: added.id }))
  expect(desk.repository.offered).toEqual([added.id])
  expect((await desk.fits(added.id))[0]).toMatchObject({ fits: false, reason: 'update-running' })
  await expect(desk.remove(added.id)).rejects.toMatchObject({ code: 'BUSY' })
  desk.stop(id, 'now')
  expect(desk.repository.offered).toEqual([])
  expect((await desk.remove(added.id)).bundles).toEqual([])
  expect(audit()).toEqual(['firmware.removed', 'rollout.stopped', 'rollout.started', 'firmware.added'])
  await close()
})

it('a bundle is offered again after a restart, as long as its rollout lives', async () => {
  const first = await open()
  const { added } = await first.desk.add(await pack(folder.path, { signer: known.signer }))
  const id = first.desk.start(planOf([2], { bundleId: added.id }))
  await settle()
  clock.advance(1_000)
  await first.close()
  const second = await open()
  expect(second.desk.repository.offered).toEqual([added.id])
  expect(second.desk.rollouts()).toMatchObject([{ id, state: 'running', version: added.manifest.version }])
  await settle()
  clock.advance(1_000)
  expect(second.runner.list().filter((job) => job.kind === 'update')).toHaveLength(2)
  await second.close()
})

it('a rollout pauses when the signer is not trusted any more', async () => {
  const roots = [known.root.pem]
  const { desk, close } = await open(roots)
  const { added } = await desk.add(await pack(folder.path, { signer: known.signer }))
  const id = desk.start(planOf([1], { bundleId: added.id }))
  roots.pop()
  desk.trustChanged()
  expect(desk.rollouts()).toMatchObject([{ id, state: 'paused', pauseReason: 'bundle-problem' }])
  expect(() => desk.resume(id)).toThrow('SIGNER_REFUSED')
  expect(desk.repository.offered).toEqual([])
  roots.push(known.root.pem)
  desk.resume(id)
  expect(desk.rollouts()).toMatchObject([{ state: 'running' }])
  await close()
})

it('a signer that no trusted factory root stands for is refused', async () => {
  const { desk, close } = await open([])
  const path = await pack(folder.path, { signer: known.signer, manifest: draft() })
  await expect(desk.add(path)).rejects.toMatchObject({ code: 'SIGNER_REFUSED' })
  expect(audit()).toEqual([])
  await close()
})

it('confirm and revert reach every device, and say what the first refusal was', async () => {
  const refusing = (action: string): Record<string, string> => {
    if (action === 'RevertFirmware') throw new IotmcError('NO_STANDBY_BANK')
    return {}
  }
  const { desk, called, close } = await open([known.root.pem], refusing)
  await desk.confirm([udnOf(1), udnOf(2)])
  expect(called.filter((call) => call.endsWith('ConfirmFirmware'))).toEqual([
    '1 ConfirmFirmware',
    '2 ConfirmFirmware',
  ])
  await expect(desk.revert([udnOf(1), udnOf(2)])).rejects.toMatchObject({ code: 'NO_STANDBY_BANK' })
  expect(called.filter((call) => call.endsWith('RevertFirmware'))).toHaveLength(2)
  expect(audit()).toEqual(['firmware.confirmed', 'firmware.confirmed'])
  await close()
})

it('what the desk does not know has its own code', async () => {
  const { desk, close } = await open()
  const none = 'd'.repeat(64)
  expect(() => desk.fits(none)).toThrow('BUNDLE_UNKNOWN')
  expect(() => desk.start(planOf([1], { bundleId: none }))).toThrow('BUNDLE_UNKNOWN')
  expect(() => desk.board('none')).toThrow('ROLLOUT_UNKNOWN')
  expect(() =>
    desk.updateSerial({ path: '/dev/none', bundleId: none, confirm: true, consent: false }),
  ).toThrow('BUNDLE_UNKNOWN')
  await close()
})
