/** A device in virtual time, as far as a health check sees it, and the desk that checks it. */
import { type ErrorCode, IotmcError } from '../../electron/contract/errors'
import type { BankStatus } from '../../electron/contract/firmware'
import type { HealthReport } from '../../electron/contract/health'
import type { TestResult } from '../../electron/contract/self-test'
import { TEST_LIMITS } from '../../electron/contract/timings'
import type { DeviceLink } from '../../electron/jobs/device-link'
import { JobRunner } from '../../electron/jobs/runner'
import { CheckDesk } from '../../electron/operation/check-desk'
import { Records } from '../../electron/store/records'
import { keepingLog } from '../helpers/quiet-log'
import type { VirtualClock } from '../helpers/virtual-clock'
import { MemoryJournal } from './bench'

export const UDN = 'uuid:00000000-0000-4000-8000-00000000000a'
const TEST_ACTIONS = ['SelfTest', 'Ping', 'NSLookup', 'Traceroute', 'BandwidthTest']

const well: TestResult = { status: 'ok', measures: [], durationMs: 5 }

export class CheckedDevice {
  online = true
  /** What every call is answered with instead. */
  refuses: ErrorCode | undefined
  /** Services or actions that it has not. */
  readonly lacks = new Set<string>()
  distrust: ErrorCode | undefined
  notAfterMs: number
  health: Partial<HealthReport> = {}
  severities: number[] = []
  banks: Partial<BankStatus> = {}
  /** Results by action, or by component of a self-test. */
  readonly results: Record<string, TestResult> = {}
  /** How long each of its tests takes. */
  testMs = 1_000
  /** How far its clock is ahead. */
  aheadMs = 0
  /** Orders that it answers with BUSY. */
  busy = 0
  readonly calls: string[] = []
  readonly orders: Readonly<Record<string, string>>[] = []
  private readonly tests = new Map<number, { action: string; beganMs: number; cancelled: boolean }>()
  private readonly wakers = new Set<() => void>()
  private nextId = 100

  constructor(private readonly clock: VirtualClock) {
    this.notAfterMs = clock.now() + 300 * 86_400_000
  }

  /** Tests that run on it and were not cancelled. */
  get running(): number {
    const now = this.clock.now()
    return [...this.tests.values()].filter((test) => !test.cancelled && now - test.beganMs < this.testMs)
      .length
  }

  setOnline(online: boolean): void {
    this.online = online
    for (const wake of [...this.wakers]) wake()
  }

  /** It forgets its tests, as after a restart. */
  restart(): void {
    this.tests.clear()
  }

  onWake = (_: string, listener: () => void): (() => void) => {
    this.wakers.add(listener)
    return () => this.wakers.delete(listener)
  }

  readonly link: Pick<DeviceLink, 'call' | 'state' | 'verify'> = {
    call: async (_, service, action, args, signal) => this.answer(service, action, args, signal),
    state: async (udn, signal) => {
      this.answerable('Lifecycle', 'GetLifecycleState', signal)
      if (this.distrust) throw new IotmcError(this.distrust, { subject: udn })
      return {
        phase: 'operation',
        model: 'PX-200',
        serialNumber: '1',
        firmwareVersion: '1.4.0',
        hardwareRevision: 'B',
        configurationVersion: 1,
        ldevidSerial: '4F',
        group: 'Pumps',
      }
    },
    verify: async (udn, signal) => {
      this.answerable('Lifecycle', 'verify', signal)
      const checkedAtMs = this.clock.now()
      if (this.distrust) return { udn, trusted: false, code: this.distrust, chain: [], checkedAtMs }
      const leaf = {
        subject: 'CN=PX-200 1',
        issuer: 'CN=Site',
        serialNumber: '4F',
        fingerprint: 'AA',
        notBefore: new Date(0).toISOString(),
        notAfter: new Date(this.notAfterMs).toISOString(),
        isCa: false,
      }
      return { udn, trusted: true, kind: 'LDevID', chain: [leaf], checkedAtMs }
    },
  }

  bankStatus = async (_: string, signal: AbortSignal): Promise<BankStatus> => {
    this.answerable('Firmware', 'GetBankStatus', signal)
    return {
      activeBank: 'A',
      banks: [
        { slot: 'A', state: 'valid', version: '1.4.0', bootAttempts: 0 },
        { slot: 'B', state: 'empty', bootAttempts: 0 },
      ],
      securityVersion: 1,
      ...this.banks,
    }
  }

  private answerable(service: string, action: string, signal: AbortSignal): void {
    this.calls.push(action)
    if (signal.aborted) throw new IotmcError('CANCELLED')
    if (!this.online) throw new IotmcError('DEVICE_OFFLINE')
    if (this.refuses) throw new IotmcError(this.refuses)
    if (this.lacks.has(service) || this.lacks.has(action)) throw new IotmcError('INVALID_ACTION')
  }

  private answer(
    service: string,
    action: string,
    args: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Record<string, string> {
    this.answerable(service, action, signal)
    const now = this.clock.now()
    if (TEST_ACTIONS.includes(action)) {
      if (this.busy-- > 0) throw new IotmcError('BUSY')
      const id = this.nextId++
      this.orders.push({ action, ...args })
      this.tests.set(id, { action: args.Component ?? action, beganMs: now, cancelled: false })
      return { TestID: String(id) }
    }
    if (action === 'GetHealth') return { Health: JSON.stringify(this.report(now)) }
    if (action === 'GetDiagnosticsLog') return this.log(args, now)
    const test = this.tests.get(Number(args.TestID))
    if (!test) throw new IotmcError('TEST_UNKNOWN')
    if (action === 'CancelTest') {
      test.cancelled = true
      return {}
    }
    if (test.cancelled) return { State: 'Canceled', Result: '' }
    if (now - test.beganMs < this.testMs) return { State: 'InProgress', Result: '' }
    return { State: 'Completed', Result: JSON.stringify(this.results[test.action] ?? well) }
  }

  private report(now: number): HealthReport {
    return {
      time: new Date(now + this.aheadMs).toISOString(),
      clockSynchronised: true,
      boot: 1,
      uptimeS: 100,
      intervalS: 5,
      temperatureC: 40,
      supplyV: 12,
      memoryFreeBytes: 50,
      memoryTotalBytes: 100,
      counts: { critical: 0, error: 0, warning: 0 },
      ...this.health,
    }
  }

  private log(args: Readonly<Record<string, string>>, now: number): Record<string, string> {
    const after = Number(args.AfterSequence)
    const all = this.severities.map((severity, i) => ({ sequence: i + 1, severity, ...RECORD }))
    const left = all.filter(
      ({ sequence, severity }) => sequence > after && severity <= Number(args.MinSeverity),
    )
    // What fits into an answer.
    const records = left.slice(0, Math.min(500, Number(args.Limit)))
    const DeviceTime = new Date(now + this.aheadMs).toISOString()
    return { Records: JSON.stringify(records), More: left.length > records.length ? '1' : '0', DeviceTime }
  }
}

const RECORD = {
  boot: 1,
  time: '2026-01-01T00:00:00.000Z',
  clockSynchronised: true,
  component: 'c',
  code: 'c',
  message: 'm',
}

/** A desk on a journal and records that outlive it. */
export const openDesk = (
  clock: VirtualClock,
  device: CheckedDevice,
  kept: { journal: MemoryJournal; records: Records } = {
    journal: new MemoryJournal(),
    records: Records.open(':memory:'),
  },
) => {
  const { journal, records } = kept
  let desk: CheckDesk | undefined
  const log = keepingLog()
  const audited: string[] = []
  const runner = new JobRunner({ clock, journal, concurrency: 8, plan: (job) => desk?.plan(job) ?? [], log })
  desk = new CheckDesk({
    clock,
    runner,
    table: records.checks,
    link: device.link,
    bankStatus: device.bankStatus,
    onWake: device.onWake,
    audit: (action, subject, detail) => audited.push([action, subject, detail].join(' ')),
  })
  runner.start()
  return { desk, runner, journal, records, log, audited }
}

/** Lets the clock run until a job has ended. */
export const runToEnd = async (clock: VirtualClock, runner: JobRunner, id: string, withinMs = 600_000) => {
  for (let leftMs = withinMs; leftMs > 0; leftMs -= TEST_LIMITS.askEveryMs) {
    for (let i = 0; i < 20; i++) await new Promise<void>((resolve) => setImmediate(resolve))
    const job = runner.get(id)
    if (job && ['done', 'failed', 'cancelled'].includes(job.state)) return job
    clock.advance(TEST_LIMITS.askEveryMs)
  }
  throw new Error(`the job is ${runner.get(id)?.state}`)
}
