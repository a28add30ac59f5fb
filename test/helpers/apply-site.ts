/** Works on a whole site: real records, runner and desks; devices that follow the reference device's own rules. */
import { effectiveValues } from '../../electron/configuration/effective'
import type { Values } from '../../electron/contract/configuration'
import type { Device } from '../../electron/contract/device'
import { IotmcError } from '../../electron/contract/errors'
import type { FirmwareBundle } from '../../electron/contract/firmware'
import { isEnded, type Job } from '../../electron/contract/job'
import type { Phase } from '../../electron/contract/phases'
import { parametersOf } from '../../electron/device/models'
import { applyChange, factoryConfiguration, type StoredConfiguration } from '../../electron/device/parameters'
import { compareVersions } from '../../electron/firmware/version'
import { JobRunner, type StepPlan } from '../../electron/jobs/runner'
import type { Clock } from '../../electron/net/clock'
import { ConfigurationDesk } from '../../electron/operation/configuration-desk'
import { lookAt } from '../../electron/operation/configuration-look'
import { PlanDesk } from '../../electron/site/plan-desk'
import { WorkDesk } from '../../electron/site/work-desk'
import type { Records } from '../../electron/store/records'
import { deviceRow, udnOf } from './device-row'
import { keepingLog } from './quiet-log'

const MODEL = 'PX-200'
const PARAMETERS = parametersOf(MODEL)
export const OLD = '1.4.0'
export const NEW = '2.0.0'

/** One device: what it runs, and every order that it has followed. */
export class ApplyDouble {
  readonly udn: string
  readonly serial: string
  phase: Phase = 'operation'
  group = ''
  firmware = OLD
  online = true
  /** Takes no values: every SetValues ends with an error. */
  refuses = false
  stored: StoredConfiguration = factoryConfiguration(PARAMETERS)
  identity?: string
  claims?: string
  readonly told: string[] = []
  /** Orders that it refuses. */
  readonly refuse = new Set<string>()

  constructor(readonly n: number) {
    this.udn = udnOf(n)
    this.serial = `EX-${n}`
  }

  answer(action: string, args: Readonly<Record<string, string>>): Record<string, string> {
    if (!this.online) throw new IotmcError('DEVICE_OFFLINE', { subject: this.udn })
    if (action === 'GetSupportedParameters') return { Parameters: JSON.stringify(PARAMETERS) }
    if (action === 'GetValues') {
      const { version, values } = this.stored
      return { ConfigurationVersion: String(version), Values: JSON.stringify(values) }
    }
    if (action === 'GetLifecycleState')
      return {
        LifecycleState: this.phase,
        DeviceUDN: this.udn,
        SerialNumber: this.serial,
        Model: MODEL,
        FirmwareVersion: this.firmware,
        ManagementGroup: this.group,
        ConfigurationVersion: String(this.stored.version),
      }
    if (this.refuses && action === 'SetValues') throw new IotmcError('VALUE_INVALID', { subject: this.udn })
    if (this.refuse.has(action)) throw new IotmcError('WRONG_PHASE', { subject: this.udn })
    this.told.push(action)
    this.follow(action, args)
    return {}
  }

  private follow(action: string, args: Readonly<Record<string, string>>): void {
    const values: Values = JSON.parse(args.Values ?? '{}')
    if (action === 'Enroll') {
      this.phase = 'operation'
      this.group = args.ManagementGroup ?? ''
    } else if (action === 'AssignGroup') this.group = args.ManagementGroup ?? ''
    else if (action === 'Install') this.firmware = args.Version ?? ''
    if (action === 'SetValues')
      this.stored = applyChange(PARAMETERS, this.stored, Number(args.ConfigurationVersion), values)
  }
}

/** The groups North (with a value) and South, and the devices on record as members of South. */
export const recordMembers = (records: Records, devices: readonly ApplyDouble[]): void => {
  records.groups.save('North', { 'Device.Location': 'Hall 7' })
  records.groups.save('South', {})
  for (const device of devices) {
    device.group = 'South'
    const { udn, serial: serialNumber, firmware: firmwareVersion } = device
    records.devices.put({ udn, serialNumber, group: 'South', ldevidSerial: '1', firmwareVersion })
  }
}

export type Exchange = (
  udn: string,
  action: string,
  args: Readonly<Record<string, string>>,
) => Promise<Record<string, string>>

export interface ApplySiteOptions {
  readonly clock: Clock
  readonly records: Records
  readonly devices: readonly {
    readonly n: number
    readonly udn: string
    readonly serial: string
    /** SHA-256 of the factory certificate that it shows over TLS, and the one whose first digits it claims. */
    readonly identity?: string
    readonly claims?: string
  }[]
  readonly exchange: Exchange
  readonly isOnline?: (udn: string) => boolean
  /** Called before and after each write and each exchange: the points at which a kill may strike. */
  readonly around?: () => void
  readonly bundles?: readonly FirmwareBundle[]
  readonly rollout?: RolloutDouble
}

/** The rollouts of a site as far as a work needs them; outlives a restart. */
export class RolloutDouble {
  paused = false
  stopped = false
  begun = 0
  readonly askedBy: Record<string, string> = {}
  /** Members that have no job yet. */
  readonly waiting = new Set<string>()
  readonly left: string[] = []
  readonly listeners = new Set<() => void>()

  stop(): void {
    Object.assign(this, { paused: false, stopped: true })
    for (const listener of this.listeners) listener()
  }
}

const HEX = 'a'.repeat(64)
const BUNDLE: FirmwareBundle = {
  id: HEX,
  manifest: {
    format: 1,
    vendor: 'Example maker',
    model: MODEL,
    hardwareRevisions: ['C2'],
    version: NEW,
    securityVersion: 1,
    releaseDate: '2026-01-01T00:00:00Z',
    image: { file: 'image.bin', format: 'raw', size: 600_000, sha256: HEX },
    probationHours: 1,
    notes: '',
  },
  signer: { subject: 'Example maker', fingerprint: HEX, notAfter: '2036-01-01T00:00:00Z' },
  bytes: 600_000,
  addedAtMs: 0,
}

export const openApplySite = (options: ApplySiteOptions) => {
  const { clock, records, devices, isOnline = () => true, around = () => undefined } = options
  const heard = new Set(devices.map(({ udn }) => udn))
  const doubles = new Map(devices.map((device) => [device.udn, device]))
  const listeners = new Set<() => void>()
  const audits: string[] = []
  const rollout = options.rollout ?? new RolloutDouble()
  const log = keepingLog()
  const exchange: Exchange = async (udn, action, args) => {
    around()
    const answer = await options.exchange(udn, action, args)
    around()
    return answer
  }
  const write =
    <A extends unknown[]>(commit: (...args: A) => void) =>
    (...args: A): void => {
      around()
      commit(...args)
      around()
    }
  const stateOf = async (udn: string) => {
    const answer = await exchange(udn, 'GetLifecycleState', {})
    return {
      phase: (answer.LifecycleState ?? '') as Phase,
      model: answer.Model ?? '',
      serialNumber: answer.SerialNumber ?? '',
      firmwareVersion: answer.FirmwareVersion ?? '',
      hardwareRevision: '',
      configurationVersion: Number(answer.ConfigurationVersion),
      ldevidSerial: '',
      group: answer.ManagementGroup ?? '',
    }
  }
  const link = {
    call: (udn: string, _service: string, action: string, args: Readonly<Record<string, string>>) =>
      exchange(udn, action, args),
    state: stateOf,
    verify: async (udn: string) => {
      const { phase } = await stateOf(udn)
      const kind = phase === 'commissioning' ? ('IDevID' as const) : ('LDevID' as const)
      const fingerprint = doubles.get(udn)?.identity
      const leaf = { subject: '', issuer: '', serialNumber: '', notBefore: '', notAfter: '', isCa: false }
      const chain = fingerprint && kind === 'IDevID' ? [{ ...leaf, fingerprint }] : []
      return { udn, trusted: true, kind, chain, phase, checkedAtMs: clock.now() }
    },
  }
  const onWake = (_udn: string, listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const remember = (udn: string, known: object) => void records.devices.patch(udn, known)
  const row = (udn: string): Device | undefined => {
    const device = doubles.get(udn)
    if (!device || !heard.has(udn)) return undefined
    const known = records.devices.get(udn)
    const { group, firmwareVersion } = known ?? {}
    return deviceRow(device.n, {
      model: MODEL,
      serialNumber: device.serial,
      online: isOnline(udn),
      ...(device.claims ? { claimedIdentity: device.claims.slice(0, 16) } : {}),
      ...(group ? { group } : {}),
      ...(firmwareVersion ? { firmwareVersion } : {}),
      ...(known?.ldevidSerial ? { phase: 'operation' as const } : {}),
    })
  }
  const rows = () => devices.flatMap(({ udn }) => row(udn) ?? [])

  /** Stand-ins for what has kill tests of its own: enrolment, and an update. */
  const standIn = (
    done: (job: Job) => Promise<boolean>,
    order: string,
    kept: (job: Job) => object,
  ): StepPlan[] => [
    {
      name: 'find',
      cancellable: true,
      run: async ({ job }) => {
        if (!(await done(job))) await exchange(job.subject, order, job.params)
      },
    },
    {
      name: 'read-back',
      cancellable: true,
      run: async ({ job }) => {
        if (!(await done(job))) throw new IotmcError('READ_BACK_DIFFERS', { subject: job.subject })
        remember(job.subject, kept(job))
      },
    },
  ]
  const planOf = (job: Job): readonly StepPlan[] => {
    const { ManagementGroup: group = '', Version: firmwareVersion = '' } = job.params
    if (job.kind === 'configure') return configurations.plan(job)
    if (job.kind === 'apply') return works.plan(job)
    return job.kind === 'commission'
      ? standIn(
          async ({ subject }) => (await stateOf(subject)).phase === 'operation',
          'Enroll',
          () => ({
            group,
            ldevidSerial: '1',
            firmwareVersion: OLD,
          }),
        )
      : standIn(
          async ({ subject }) => (await stateOf(subject)).firmwareVersion === firmwareVersion,
          'Install',
          () => ({ firmwareVersion }),
        )
  }
  const { jobs } = records
  const runner: JobRunner = new JobRunner({
    clock,
    journal: { ...jobs, insert: write(jobs.insert), save: write(jobs.save) },
    concurrency: 8,
    plan: planOf,
    log,
  })
  const configurations = new ConfigurationDesk({
    clock,
    runner,
    link,
    log,
    table: { ...records.configurationPlans, saveRows: write(records.configurationPlans.saveRows) },
    devices: rows,
    device: row,
    wanted: () => effectiveValues([]),
    isOnline,
    onWake,
    remember,
    audit: () => undefined,
  })
  const plan = new PlanDesk({
    clock,
    table: records.expected,
    devices: rows,
    device: row,
    records: {
      known: (udn) => records.devices.get(udn),
      enrollment: () => undefined,
      isEnrolled: (udn) => records.devices.get(udn)?.ldevidSerial !== undefined,
    },
    groupExists: (name) => records.groups.get(name) !== undefined,
    effective: (group, own) => effectiveValues(group === undefined ? [] : records.groups.chain(group), own),
    look: (udn, signal) => lookAt({ link, device: row, deadline: () => signal }, udn),
    isOlder: (version, running) => compareVersions(version, running) < 0,
    changed: () => undefined,
    audit: (...line) => void audits.push(line.join(' ')),
  })
  const works: WorkDesk = new WorkDesk({
    clock,
    table: {
      ...records.siteWorks,
      saveRows: write(records.siteWorks.saveRows),
      applied: write(records.siteWorks.applied),
    },
    plan,
    runner,
    link,
    log,
    isOnline: (udn) => heard.has(udn) && isOnline(udn),
    onWake,
    groupExists: (name) => records.groups.get(name) !== undefined,
    defaultGroup: () => 'North',
    configurations: () => configurations,
    firmware: () => ({
      bundles: async () => ({ bundles: [...(options.bundles ?? [BUNDLE])], usedBytes: 0, freeBytes: 0 }),
      start: ({ waves }, askedBy = {}) => {
        const udns = waves.flatMap((wave) => wave.udns)
        rollout.begun += 1
        Object.assign(rollout.askedBy, askedBy)
        if (!rollout.paused) runner.submit('update', udns, { Version: NEW })
        else for (const udn of udns) rollout.waiting.add(udn)
        return 'rollout'
      },
      withdraw: (udn) => void rollout.left.push(udn),
      onRollouts: (listener) => {
        rollout.listeners.add(listener)
        return () => rollout.listeners.delete(listener)
      },
      standing: (udn) => {
        const askedBy = rollout.askedBy[udn]
        const asked = askedBy ? { askedBy } : {}
        const { paused, stopped } = rollout
        if (rollout.waiting.has(udn))
          return {
            rolloutId: 'rollout',
            udn,
            wave: 0,
            state: stopped ? 'stopped' : 'waiting',
            ...asked,
            ...(paused ? { paused: 'wave-not-passed' } : {}),
          }
        const job = runner.list().findLast((each) => each.kind === 'update' && each.subject === udn)
        if (!job) return undefined
        const state = job.state === 'done' ? 'confirmed' : isEnded(job.state) ? 'failed' : 'downloading'
        return {
          rolloutId: 'rollout',
          udn,
          wave: 0,
          jobId: job.id,
          state,
          ...asked,
          ...(job.error ? { error: job.error } : {}),
        }
      },
    }),
    commission: (udns, ManagementGroup, _approval, batch) =>
      runner.submit('commission', udns, { ManagementGroup }, batch).map(({ id }) => id),
    describe: (udn, { name, ...words }) => remember(udn, { ...words, ...(name ? { givenName: name } : {}) }),
    remember,
    isFrozen: () => false,
    concurrency: () => 8,
    audit: (...line) => void audits.push(line.join(' ')),
  })
  return {
    runner,
    plan,
    works,
    audits,
    /** Before it, a device was never heard. */
    hide: (udn: string) => void heard.delete(udn),
    hear: (udn: string) => {
      heard.add(udn)
      works.heard(udn)
      for (const listener of [...listeners]) listener()
    },
    wake: () => {
      for (const listener of [...listeners]) listener()
    },
    start: () => {
      configurations.begin()
      works.begin()
      runner.start()
    },
    close: async () => {
      const stopped = runner.stop()
      works.close()
      configurations.close()
      plan.close()
      await stopped
    },
  }
}
