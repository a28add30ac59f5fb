/** `firmware …` on an open site: its library, and the firmware of its devices. */
import { basename, resolve } from 'node:path'
import { IotmcError } from '../contract/errors'
import {
  type BankStatus,
  type BoardRow,
  type FirmwareBundle,
  type RolloutPlan,
  rolloutPlanSchema,
} from '../contract/firmware'
import type { Job } from '../contract/job'
import type { Controller } from '../controller'
import { finish, report, untilOnline } from './device-commands'
import { printJson, printLine } from './output'
import { type SiteOptions, untilEnded, withController } from './with-controller'

/** Takes a bundle into the library. Errors: those of the check. */
export const firmwareAdd = (file: string, options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const { added } = await controller.addFirmware(resolve(file))
    if (!added) throw new IotmcError('BUNDLE_INVALID', { subject: basename(file) })
    printBundle(added, options)
  })

export const firmwareList = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const { bundles } = await controller.firmware().bundles()
    for (const bundle of bundles) printBundle(bundle, options)
  })

/** `name` is that of `chosenBundle`. */
export const firmwareRemove = (name: string, options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    await controller.firmware().remove((await chosenBundle(controller, name)).id)
  })

const printBundle = (bundle: FirmwareBundle, options: SiteOptions): void => {
  const { id, manifest, signer, problem } = bundle
  if (options.json) printJson(bundle)
  else
    printLine(
      `${id.slice(0, 8)}  ${manifest.model}  ${manifest.version}  security version ${manifest.securityVersion}  ` +
        `${manifest.image.size} bytes  ${problem ? problem.code : `signed by ${signer.subject}`}`,
    )
}

/** By the first digits of its id, by version, or by `MODEL@version`. Errors: BUNDLE_UNKNOWN, USAGE where it fits several. */
const chosenBundle = async (controller: Controller, name: string): Promise<FirmwareBundle> => {
  const { bundles } = await controller.firmware().bundles()
  const fits = ({ id, manifest: { model, version } }: FirmwareBundle): boolean =>
    (name.length >= 4 && id.startsWith(name.toLowerCase())) || [version, `${model}@${version}`].includes(name)
  const [bundle, another] = bundles.filter(fits)
  if (!bundle) throw new IotmcError('BUNDLE_UNKNOWN', { subject: name, detail: name })
  if (another) throw new IotmcError('USAGE', { detail: `${name} fits several bundles: say MODEL@version` })
  return bundle
}

/** Announces and serves a bundle until SIGTERM or Ctrl+C; devices that know of it decide for themselves. */
export const firmwareOffer = (name: string, options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const bundle = await chosenBundle(controller, name)
    controller.firmware().offer(bundle.id)
    printBundle(bundle, options)
    await new Promise<void>((done) => {
      process.once('SIGTERM', () => done())
      process.once('SIGINT', () => done())
    })
  })

export interface ScheduleOptions extends SiteOptions {
  readonly bundle: string
  readonly udn: readonly string[]
  /** How many of the devices go first, in the order given. */
  readonly canary?: string
  readonly errorPercent: string
  readonly startAt?: string
  /** `22:00-05:00`, UTC. */
  readonly window?: string
  readonly confirm: RolloutPlan['confirm']
  readonly until: 'trial' | 'done'
}

/** Starts a rollout and waits until each device is on trial, or until the end. Stopped, it goes on at the next start. */
export const firmwareSchedule = (options: ScheduleOptions): Promise<void> =>
  withController(options, async (controller) => {
    const { id: bundleId } = await chosenBundle(controller, options.bundle)
    const desk = controller.firmware()
    const rolloutId = desk.start(planOf(options, bundleId))
    if (options.json) printJson({ rollout: rolloutId })
    const jobs = await jobsOf(controller, rolloutId, options)
    finish(
      jobs.filter((job) => job.state !== 'waiting'),
      options.json ?? false,
    )
    for (const row of desk.board(rolloutId)) printRow(row, options)
  })

const planOf = (o: ScheduleOptions, bundleId: string): RolloutPlan => {
  const canary = o.canary === undefined ? 0 : Number(o.canary)
  if (!Number.isInteger(canary) || canary < 0 || canary > o.udn.length)
    throw new IotmcError('USAGE', { detail: '--canary must be a number of devices' })
  const [from, to] = o.window?.split('-') ?? []
  if (o.window !== undefined && !(from && to))
    throw new IotmcError('USAGE', { detail: '--window must be such as 22:00-05:00' })
  const waves = [o.udn.slice(0, canary), o.udn.slice(canary)].filter((wave) => wave.length > 0)
  // Typed by a person: what the records could not read back must never get into them.
  const read = rolloutPlanSchema.safeParse({
    bundleId,
    waves: waves.map((udns) => ({ udns: [...udns] })),
    passPercent: 100,
    soakMinutes: 0,
    errorPercent: Number(o.errorPercent),
    minimumSample: 1,
    downloadAhead: false,
    confirm: o.confirm,
    ...(o.startAt ? { startAt: o.startAt } : {}),
    ...(from && to ? { window: { from, to } } : {}),
  })
  if (read.success) return read.data
  const [problem] = read.error.issues
  throw new IotmcError('USAGE', {
    detail: `${problem?.path.join('.') ?? ''}: ${problem?.message ?? 'not a plan'}`,
  })
}

const isOnTrial = (job: Job): boolean =>
  job.steps.some(({ name, state }) => name === 'probation' && state !== 'pending')

/** Waves begin one after the other, so the jobs of a rollout are asked for again until every device has one. */
const jobsOf = async (
  controller: Controller,
  rolloutId: string,
  options: ScheduleOptions,
): Promise<readonly Job[]> => {
  const desk = controller.firmware()
  const known = (): string[] => desk.board(rolloutId).flatMap(({ jobId }) => jobId ?? [])
  for (;;) {
    const ids = known()
    const jobs = await untilEnded(controller, ids, (job) => {
      report(job, options.json ?? false)
      return options.until === 'trial' && isOnTrial(job) ? 'enough' : 'go-on'
    })
    const { state } = desk.rollouts().find(({ id }) => id === rolloutId) ?? {}
    if (known().length === ids.length && (ids.length === options.udn.length || state !== 'running'))
      return jobs
    if (known().length === ids.length) await nextChange(controller)
  }
}

const nextChange = (controller: Controller): Promise<void> =>
  new Promise((done) => {
    const offs: (() => void)[] = []
    const end = (): void => {
      for (const off of offs.splice(0)) off()
      done()
    }
    offs.push(controller.on('jobs', end), controller.on('rollouts', end))
  })

const printRow = (row: BoardRow, options: SiteOptions): void => {
  if (options.json) printJson(row)
  else
    printLine(`${row.udn}  ${row.state}${row.error ? `  ${row.error.code} ${row.error.detail ?? ''}` : ''}`)
}

export interface DeviceOptions extends SiteOptions {
  readonly udn: string
  readonly seconds: number
}

/** What a device says of its banks. */
export const firmwareStatus = (options: DeviceOptions): Promise<void> =>
  onDevice(options, async (controller) => {
    const status = await controller.firmware().status(options.udn)
    if (options.json) printJson(status)
    else for (const line of statusLines(status)) printLine(line)
  })

const statusLines = ({ activeBank, banks, securityVersion, update }: BankStatus): string[] => [
  ...banks.map(
    ({ slot, state, version, bootAttempts }) =>
      `bank ${slot}  ${state.padEnd(7)}  ${version ?? '-'}${slot === activeBank ? '  runs' : ''}` +
      `${bootAttempts > 0 ? `  ${bootAttempts} failed starts` : ''}`,
  ),
  `security version ${securityVersion}`,
  ...(update
    ? [
        [
          `update ${update.version}`,
          update.state,
          update.code,
          update.rollback,
          probationText(update.probation),
        ]
          .filter(Boolean)
          .join('  '),
      ]
    : []),
]

const probationText = (probation: { ranS: number; neededS: number } | undefined): string =>
  probation ? `${Math.floor(probation.ranS)} of ${Math.ceil(probation.neededS)} s on trial` : ''

/** Ends a trial for good. */
export const firmwareConfirm = (options: DeviceOptions): Promise<void> =>
  onDevice(options, (controller) => {
    controller.life().decommissions.requireFree('update', [options.udn])
    return controller.firmware().confirm([options.udn])
  })

/** Back to the other bank. */
export const firmwareRevert = (options: DeviceOptions): Promise<void> =>
  onDevice(options, (controller) => {
    controller.life().decommissions.requireFree('update', [options.udn])
    return controller.firmware().revert([options.udn])
  })

const onDevice = (options: DeviceOptions, use: (controller: Controller) => Promise<void>): Promise<void> =>
  withController(options, async (controller) => {
    await untilOnline(controller, options.udn, options.seconds)
    await use(controller)
  })
