/** Health, log and tests of a device, put together: what Diagnostics:1 serves and what its subscribers are told. */
import type { Clock, Random } from '../net/clock'
import { chooseInterfaces, listInterfaces } from '../net/interfaces'
import type { ActionHandler } from '../upnp/endpoint'
import { type DeviceClock, deviceClock } from './device-clock'
import { diagnosticsActions } from './diagnostics-service'
import type { FaultSwitch } from './fault-switch'
import type { FaultName } from './faults'
import { HealthFeed } from './health-feed'
import { HealthNotes } from './health-notes'
import { HealthSource } from './health-report'
import type { LogKeeper } from './log-keeper'
import type { StateFile } from './state-file'
import { activeTestIds, testActions } from './test-actions'
import { deviceTests, type ThroughputSource } from './test-kinds'
import { TestRunner } from './test-runner'

export interface DiagnosticsOptions {
  readonly clock: Clock
  readonly random: Random
  readonly keeper: LogKeeper
  readonly store: StateFile
  readonly faults: FaultSwitch
  readonly chosenFaults: readonly FaultName[]
  /** Seconds between two reports; undefined = as configured. */
  readonly healthIntervalS?: number | undefined
  /** Folder of the storage that may be plugged in. */
  readonly externalStorage?: string | undefined
  /** Names of the interfaces that it speaks on; empty = all but loopback. */
  readonly interfaces: () => readonly string[]
  /** Host of the controller; undefined while none is known. */
  readonly controllerHost: () => string | undefined
  readonly throughput: ThroughputSource
  /** Tells subscribers. */
  readonly publish: (values: DiagnosticsVariables) => void
}

/** The evented variables of Diagnostics:1, or those of them that have changed. */
export type DiagnosticsVariables = Readonly<
  Partial<Record<'Health' | 'LogSequence' | 'ActiveTestIDs', string>>
>

const STORM = { everyMs: 200, records: 10 } as const

export class DeviceDiagnostics {
  private readonly ownClock: DeviceClock
  private readonly runner: TestRunner
  private readonly feed: HealthFeed
  private source: HealthSource
  private notes: HealthNotes
  private endStorm = (): void => undefined
  private sampled = 0

  constructor(private readonly options: DiagnosticsOptions) {
    const { clock, random, keeper, store, faults, chosenFaults, publish } = options
    const { log } = keeper
    this.ownClock = deviceClock(clock, chosenFaults)
    this.source = this.makeSource()
    this.notes = new HealthNotes(log)
    this.feed = new HealthFeed({
      clock,
      faults,
      report: () => this.look(),
      publish: (Health) => publish({ Health }),
    })
    const { controllerHost, throughput } = options
    const sensors = () => this.source.report()
    const tests = deviceTests({
      ...{ clock, random, faults, sensors, controllerHost, throughput },
      folder: store.folder,
    })
    this.runner = new TestRunner({ clock, random, log, tests })
    this.runner.onChanged(() => publish({ ActiveTestIDs: activeTestIds(this.runner) }))
    keeper.ring.onAppend(({ sequence }) => publish({ LogSequence: String(sequence) }))
  }

  /** Action name → handler of Diagnostics:1. */
  actions(): Readonly<Record<string, ActionHandler>> {
    const { keeper, faults, externalStorage: storage } = this.options
    return {
      ...diagnosticsActions({
        ...{ ring: keeper.ring, clock: this.ownClock, log: keeper.log, faults, storage },
        health: () => (this.feed.silent ? undefined : this.look()),
      }),
      ...testActions(this.runner),
    }
  }

  /** What a new subscriber is told first. */
  variables(): DiagnosticsVariables {
    const { keeper } = this.options
    const Health = this.feed.text
    return {
      ...(Health === undefined ? {} : { Health }),
      LogSequence: String(keeper.ring.newest),
      ActiveTestIDs: activeTestIds(this.runner),
    }
  }

  /** Begins to report: at each start of what speaks on the network. */
  start(): void {
    this.source = this.makeSource()
    this.notes = new HealthNotes(this.options.keeper.log)
    this.feed.start()
    if (this.options.faults.has('log-storm')) this.storm()
  }

  /** The interval may be another now. */
  configured(): void {
    this.feed.again()
  }

  /** Ends reports and tests; resolves when nothing of them is left. */
  async stop(): Promise<void> {
    this.feed.stop()
    this.endStorm()
    await this.runner.stop()
  }

  private look() {
    const report = this.source.report()
    this.notes.look(report)
    return report
  }

  private makeSource(): HealthSource {
    const { keeper, store, faults, interfaces } = this.options
    return new HealthSource({
      clock: this.ownClock,
      faults,
      seed: store.current.udn,
      boot: () => keeper.ring.boot,
      uptimeMs: () => keeper.uptimeMs,
      counts: () => keeper.counts,
      intervalS: () => this.intervalS(),
      interfaceName: () => chooseInterfaces(listInterfaces(), interfaces())[0]?.name,
      wireless: () => store.current.wireless ?? false,
    })
  }

  private intervalS(): number {
    const { healthIntervalS, store } = this.options
    return healthIntervalS ?? Number(store.current.configuration.values['Report.IntervalSeconds'] ?? 60)
  }

  private storm(): void {
    const { clock, keeper } = this.options
    this.endStorm = clock.setTimer(() => {
      for (let i = 0; i < STORM.records; i += 1) {
        this.sampled += 1
        keeper.log('storm', { n: this.sampled })
      }
      this.storm()
    }, STORM.everyMs)
  }
}
