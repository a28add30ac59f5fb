/** A desk for configuration in virtual time, on devices that follow the reference device's own rules. */
import { effectiveValues } from '../../electron/configuration/effective'
import { chainOf } from '../../electron/configuration/groups'
import type { Group, Parameter, Values } from '../../electron/contract/configuration'
import type { Device } from '../../electron/contract/device'
import { type ErrorCode, IotmcError } from '../../electron/contract/errors'
import { isEnded } from '../../electron/contract/job'
import { type ModelName, parametersOf } from '../../electron/device/models'
import {
  applyChange,
  factoryConfiguration,
  rollBack,
  type StoredConfiguration,
} from '../../electron/device/parameters'
import { JobRunner } from '../../electron/jobs/runner'
import { ConfigurationDesk } from '../../electron/operation/configuration-desk'
import { Records } from '../../electron/store/records'
import { deviceRow, udnOf } from '../helpers/device-row'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import { settle } from '../jobs/bench'

/** A device as far as Configuration:1 goes. */
export class ConfigurationDouble {
  readonly udn: string
  readonly parameters: readonly Parameter[]
  readonly told: string[] = []
  stored: StoredConfiguration
  online = true
  /** How the next calls fail, before or after the device has done what it was told. */
  failures: { readonly code: ErrorCode; readonly after: boolean; readonly action?: string }[] = []

  constructor(
    readonly n: number,
    readonly model: ModelName,
  ) {
    this.udn = udnOf(n)
    this.parameters = parametersOf(model)
    this.stored = factoryConfiguration(this.parameters)
  }

  /** Somebody else's change. */
  change(values: Values, version = this.stored.version + 1): void {
    this.stored = applyChange(this.parameters, this.stored, version, values)
  }

  row(over: Partial<Device> = {}): Device {
    const more = {
      model: this.model,
      serialNumber: `EX-${this.n}`,
      group: 'North',
      phase: 'operation' as const,
    }
    return deviceRow(this.n, { ...more, online: this.online, ...over })
  }

  call(action: string, args: Readonly<Record<string, string>>): Record<string, string> {
    if (!this.online) throw new IotmcError('DEVICE_OFFLINE', { subject: this.udn })
    const [next] = this.failures
    const failure = next && (next.action ?? action) === action ? this.failures.shift() : undefined
    if (failure && !failure.after) throw new IotmcError(failure.code)
    const answer = this.answer(action, args)
    if (failure) throw new IotmcError(failure.code)
    return answer
  }

  private answer(action: string, args: Readonly<Record<string, string>>): Record<string, string> {
    if (action === 'GetSupportedParameters') return { Parameters: JSON.stringify(this.parameters) }
    if (action === 'GetValues') {
      const { version, values } = this.stored
      return { ConfigurationVersion: String(version), Values: JSON.stringify(values) }
    }
    this.told.push(action)
    this.stored =
      action === 'Rollback'
        ? rollBack(this.stored)
        : applyChange(
            this.parameters,
            this.stored,
            Number(args.ConfigurationVersion),
            JSON.parse(args.Values ?? '{}'),
          )
    return { ConfigurationVersion: String(this.stored.version), Errors: '[]' }
  }
}

const MODELS: readonly ModelName[] = ['PX-200', 'GC-10', 'AU-7', 'EM-3']

export interface World {
  readonly clock: VirtualClock
  readonly records: Records
  readonly devices: readonly ConfigurationDouble[]
  readonly audits: string[]
  groups: Group[]
  /** Values of the site plan for single devices. */
  own: Record<string, Values>
  /** Presence has changed. */
  wake(): void
  readonly runner: JobRunner
  readonly desk: ConfigurationDesk
  /** Stops and opens again on the same records. */
  restart(): Promise<void>
  /** A program that dies at a point: before or after a write or an exchange with a device that changes it. 0 = never. */
  mortal(killAt: number): { readonly points: number; readonly dead: boolean }
  /** Until no job goes on, or `limitMs` have passed. */
  pass(limitMs?: number): Promise<void>
  states(planId: string): string[]
}

export const makeWorld = (count = 1, models: readonly ModelName[] = MODELS): World => {
  const clock = new VirtualClock()
  const records = Records.open(':memory:')
  const devices = Array.from(
    { length: count },
    (_, n) => new ConfigurationDouble(n + 1, models[n % models.length] ?? 'PX-200'),
  )
  const byUdn = new Map(devices.map((device) => [device.udn, device]))
  const listeners = new Set<() => void>()
  const audits: string[] = []
  const exchange = async (udn: string, action: string, args: Readonly<Record<string, string>>) => {
    await settle()
    const device = byUdn.get(udn)
    if (!device) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
    return device.call(action, args)
  }
  let current: { runner: JobRunner; desk: ConfigurationDesk }

  const open = (point: () => boolean) => {
    const gone = new Promise<never>(() => undefined)
    const write =
      <A extends unknown[]>(commit: (...args: A) => void) =>
      (...args: A): void => {
        if (point()) throw new Error('killed')
        commit(...args)
        if (point()) throw new Error('killed')
      }
    const table = records.configurationPlans
    const runner: JobRunner = new JobRunner({
      clock,
      concurrency: 8,
      journal: { ...records.jobs, save: write(records.jobs.save), insert: write(records.jobs.insert) },
      plan: (job) => desk.plan(job),
      log: keepingLog(),
    })
    const desk: ConfigurationDesk = new ConfigurationDesk({
      clock,
      runner,
      table: { ...table, saveRows: write(table.saveRows) },
      link: {
        call: async (udn, _service, action, args) => {
          if (point()) return gone
          const answer = exchange(udn, action, args)
          await answer.catch(() => undefined)
          return point() ? gone : answer
        },
      },
      log: keepingLog(),
      devices: () => devices.map((device) => device.row()),
      wanted: (device) => {
        const chain = chainOf(world.groups, device.group ?? '')
        const group = chain.at(-1)?.name
        return { ...effectiveValues(chain, world.own[device.udn]), ...(group ? { group } : {}) }
      },
      isOnline: (udn) => byUdn.get(udn)?.online ?? false,
      onWake: (_udn, listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      remember: (udn, { configurationVersion }) =>
        void audits.push(`remember ${udn.slice(-2)} ${configurationVersion}`),
      audit: (action, subject, detail) => void audits.push(`${action} ${subject.slice(-2)} ${detail ?? ''}`),
    })
    desk.begin()
    runner.start()
    return { runner, desk }
  }

  const world: World = {
    clock,
    records,
    devices,
    audits,
    groups: [{ name: 'North', version: 1, values: {} }],
    own: {},
    wake: () => {
      for (const listener of [...listeners]) listener()
    },
    get runner() {
      return current.runner
    },
    get desk() {
      return current.desk
    },
    restart: async () => {
      current.desk.close()
      const stopped = current.runner.stop()
      await settle()
      clock.advance(10_000)
      await stopped
      current = open(() => false)
    },
    mortal: (killAt) => {
      const count = { points: 0, dead: false }
      current.desk.close()
      current = open(() => {
        if (!count.dead) count.points += 1
        count.dead ||= count.points === killAt
        return count.dead
      })
      return count
    },
    pass: async (limitMs = 10 * 60_000) => {
      const endMs = clock.now() + limitMs
      let calm = 0
      while (clock.now() < endMs && calm < 20) {
        await settle()
        const busy = world.runner.list().some((job) => !isEnded(job.state))
        calm = busy ? 0 : calm + 1
        clock.advance(calm > 0 || busy ? 200 : 0)
      }
    },
    states: (planId) =>
      world.desk
        .plans()
        .filter((plan) => plan.id === planId)
        .flatMap((plan) => plan.rows.map((row) => row.state)),
  }
  current = open(() => false)
  return world
}
