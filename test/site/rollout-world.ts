/** A site's rollouts in virtual time: real records, real runner, device doubles at the other end of the link. */
import { expect } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { BoardRow, FirmwareBundle, RolloutPlan, RolloutView } from '../../electron/contract/firmware'
import { JobRunner } from '../../electron/jobs/runner'
import { updatePlan } from '../../electron/jobs/update'
import type { Clock } from '../../electron/net/clock'
import { updateTools } from '../../electron/site/firmware-tools'
import { FirmwareWatch } from '../../electron/site/firmware-watch'
import { Rollouts } from '../../electron/site/rollouts'
import { Records } from '../../electron/store/records'
import { udnOf } from '../helpers/device-row'
import { BUNDLE_ID, FirmwareDouble, manifestOf } from '../helpers/firmware-double'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import { settle } from '../jobs/bench'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

export const planOf = (waves: readonly number[], over: Partial<RolloutPlan> = {}): RolloutPlan => {
  const first = (wave: number) => waves.slice(0, wave).reduce((sum, size) => sum + size, 1)
  return {
    bundleId: BUNDLE_ID,
    waves: waves.map((size, wave) => ({
      udns: Array.from({ length: size }, (_, n) => udnOf(first(wave) + n)),
    })),
    passPercent: 100,
    soakMinutes: 10,
    errorPercent: 20,
    minimumSample: 3,
    downloadAhead: false,
    confirm: 'device',
    ...over,
  }
}

/** Everything that a kill of the program does not touch. */
export class World {
  readonly clock = new VirtualClock(Date.parse('2026-03-02T12:00:00Z'))
  readonly records = Records.open(':memory:')
  readonly devices = new Map<string, FirmwareDouble>()
  bundle: FirmwareBundle | undefined = {
    id: BUNDLE_ID,
    manifest: manifestOf({ probationHours: 1 }),
    signer: { subject: 'CN=Signer', fingerprint: 'f', notAfter: '2030-01-01T00:00:00Z' },
    bytes: 1,
    addedAtMs: 0,
  }

  constructor(count: number, probationHours = 1) {
    const manifest = manifestOf({ probationHours })
    if (this.bundle) this.bundle = { ...this.bundle, manifest }
    for (let n = 1; n <= count; n += 1)
      this.devices.set(udnOf(n), new FirmwareDouble(this.clock, udnOf(n), manifest))
  }

  device(n: number): FirmwareDouble {
    const device = this.devices.get(udnOf(n))
    if (!device) throw new IotmcError('DEVICE_UNKNOWN')
    return device
  }

  /** How many devices run the new version. */
  get updated(): number {
    return [...this.devices.values()].filter((device) => device.running === '2.0.0').length
  }

  told(action: string): number {
    return [...this.devices.values()].flatMap(({ told }) => told).filter((told) => told === action).length
  }
}

/** One run of the program on that world. `killAt` as in `mortal` of the update's world: 0 = never. */
export class Program {
  readonly count = { points: 0, dead: false }
  readonly rows: { readonly atMs: number; readonly rows: readonly BoardRow[] }[] = []
  readonly views: { readonly atMs: number; readonly views: readonly RolloutView[] }[] = []
  offered: readonly string[] = []
  readonly unplanned: string[] = []
  readonly rollouts: Rollouts
  readonly runner: JobRunner
  private readonly watch: FirmwareWatch
  /** Timers of a program that was killed do nothing. */
  private readonly clock: Clock = {
    now: () => this.world.clock.now(),
    setTimer: (fn, ms) =>
      this.world.clock.setTimer(() => {
        if (this.count.dead) return
        try {
          fn()
        } catch (thrown) {
          if (!this.count.dead) throw thrown
        }
      }, ms),
  }

  constructor(
    private readonly world: World,
    private readonly killAt = 0,
    concurrency = 8,
  ) {
    const { records, devices } = world
    const { clock } = this
    const log = { ...keepingLog(), warn: () => undefined }
    const link = {
      call: this.mortal(
        async (udn: string, _service: string, action: string, args: Record<string, string>) =>
          action === 'GetBankStatus' ? encoded(this.device(udn)) : this.device(udn).call(action, args),
      ),
      state: this.mortal(async (udn: string) => this.device(udn).lifecycle()),
    }
    this.watch = new FirmwareWatch({ clock, link, changed: () => undefined })
    for (const device of devices.values())
      device.onWake(() => {
        if (this.count.dead) return
        this.watch.seen(device.udn, device)
        if (device.online) this.watch.told(device.udn, { updateState: device.state })
      })
    this.runner = new JobRunner({
      clock,
      concurrency,
      log,
      plan: (job) => updatePlan(this.tools(), job),
      journal: {
        list: () => records.jobs.list(),
        insert: (jobs) => this.write(() => records.jobs.insert(jobs)),
        save: (job) => this.write(() => records.jobs.save(job)),
        remove: (ids) => records.jobs.remove(ids),
      },
    })
    const { rollouts: table } = records
    this.rollouts = new Rollouts({
      clock,
      log,
      runner: this.runner,
      table: {
        list: () => table.list(),
        members: (id) => table.members(id),
        insert: (record, members) => this.write(() => table.insert(record, members)),
        save: (record) => this.write(() => table.save(record)),
        saveMembers: (members) => this.write(() => table.saveMembers(members)),
      },
      bundle: () => world.bundle,
      offered: (ids) => {
        this.offered = ids
      },
      unplan: (job) => void this.unplanned.push(job.subject),
      tell: {
        rows: (rows) => void this.rows.push({ atMs: clock.now(), rows }),
        rollouts: (views) => void this.views.push({ atMs: clock.now(), views }),
      },
    })
  }

  start(): this {
    this.rollouts.begin()
    this.runner.start()
    return this
  }

  view(id: string): RolloutView {
    const view = this.rollouts.views().find((entry) => entry.id === id)
    if (!view) throw new IotmcError('ROLLOUT_UNKNOWN')
    return view
  }

  /** States of the board, by number of the device. */
  states(id: string): string[] {
    return this.rollouts
      .board(id)
      .sort((a, b) => (a.udn < b.udn ? -1 : 1))
      .map((row) => row.state)
  }

  /** Lets time go on until `until` holds. Fails by standing still for `limitMs`. */
  async pass(until: () => boolean, limitMs = 60 * HOUR_MS): Promise<void> {
    const { clock } = this.world
    const startMs = clock.now()
    for (;;) {
      await settle()
      if (this.count.dead || until()) return
      const passedMs = clock.now() - startMs
      if (passedMs >= limitMs) return
      clock.advance(passedMs < 5 * MINUTE_MS ? 1_000 : 15_000)
    }
  }

  passFor(ms: number): Promise<void> {
    return this.pass(() => false, ms)
  }

  private tools() {
    const { clock } = this
    return updateTools({
      clock,
      link: {
        call: this.mortal(
          async (udn: string, _service: string, action: string, args: Record<string, string>) =>
            this.device(udn).call(action, args),
        ),
        state: this.mortal(async (udn: string) => this.device(udn).lifecycle()),
      },
      watch: this.watch,
      library: { get: () => this.world.bundle },
      rollouts: this.rollouts,
      isOnline: (udn) => this.device(udn).online,
      remember: () => undefined,
    })
  }

  private device(udn: string): FirmwareDouble {
    const device = this.world.devices.get(udn)
    if (!device) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
    return device
  }

  private point(): boolean {
    if (!this.count.dead) this.count.points += 1
    this.count.dead ||= this.count.points === this.killAt
    return this.count.dead
  }

  private mortal<A extends unknown[], R>(exchange: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    const gone = new Promise<never>(() => undefined)
    return async (...args) => {
      if (this.point()) return gone
      const answer = exchange(...args)
      await answer.catch(() => undefined)
      return this.point() ? gone : answer
    }
  }

  private write(commit: () => void): void {
    if (this.point()) throw new Error('killed')
    commit()
    if (this.point()) throw new Error('killed')
  }
}

/** Out-arguments of GetBankStatus. */
const encoded = (device: FirmwareDouble): Record<string, string> => {
  const { activeBank, banks, securityVersion, update } = device.status()
  return {
    ActiveBank: activeBank,
    Banks: JSON.stringify(banks),
    UpdateState: update?.state ?? 'idle',
    SecurityVersion: String(securityVersion),
    Update: update ? JSON.stringify(update) : '',
  }
}

/** Two waves, confirmed from here: small enough to be killed at each of its points. */
export const PLAN = planOf([1, 2], { soakMinutes: 2, confirm: 'after-soak' })
export const PROBATION_HOURS = 0.1

/** Runs until the end or the kill, stays away, then lets a new program go on to the end. */
export const killAndGoOn = async (killAt: number, awayMs: number) => {
  const world = new World(3, PROBATION_HOURS)
  const first = new Program(world, killAt)
  let id: string | undefined
  try {
    first.start()
    id = first.rollouts.start(PLAN)
  } catch (thrown) {
    if (!first.count.dead) throw thrown
  }
  await first.pass(() => id !== undefined && first.view(id).state === 'done', 3 * 60 * MINUTE_MS)
  if (!first.count.dead) return { world, points: first.count.points, program: first }
  for (let ms = 0; ms < awayMs; ms += 5_000) {
    await settle()
    world.clock.advance(5_000)
  }
  const program = new Program(world).start()
  // Killed before it was written: it was never begun, and its person sees that.
  if (program.rollouts.views().length === 0) program.rollouts.start(PLAN)
  await program.pass(() => program.rollouts.views()[0]?.state === 'done', 3 * 60 * MINUTE_MS)
  return { world, points: first.count.points, program }
}

/** What must be so whenever the program was killed, at this point of `points`. */
export const expectWhole = async (killAt: number, awayMs: number): Promise<void> => {
  const { world, program } = await killAndGoOn(killAt, awayMs)
  const about = `killed at point ${killAt}`
  const [view] = program.rollouts.views()
  expect(view?.state, about).toBe('done')
  expect(program.rollouts.views(), about).toHaveLength(1)
  expect(new Set(program.states(view?.id ?? '')), about).toEqual(new Set(['confirmed']))
  expect(world.updated, about).toBe(3)
  expect(world.told('ScheduleFirmwareUpdate'), about).toBe(3)
  expect(world.told('ActivateFirmware'), about).toBe(3)
  expect(program.offered, about).toEqual([])
}
