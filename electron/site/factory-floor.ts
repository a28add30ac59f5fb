/** What hosts may ask of the factory: the station, the ledger, the authority, labels. Every answer is free of secrets. */
import { asIotmcError, IotmcError } from '../contract/errors'
import type {
  LedgerCheck,
  LedgerSummary,
  NewRange,
  Person,
  StationConfig,
  StationView,
  Unit,
} from '../contract/factory'
import type { Saved } from '../contract/ipc-operation'
import { LABEL_SIZES } from '../contract/label'
import { openStationAuthority } from '../factory/authority'
import { type LabelContent, layoutLabel, layoutPages } from '../factory/label'
import { drawingsPdf } from '../factory/label-pdf'
import { drawingSvg } from '../factory/label-svg'
import type { Vault } from '../identity/vault'
import type { InjectTools } from '../jobs/inject'
import type { JobRunner } from '../jobs/runner'
import { type Clock, systemRandom } from '../net/clock'
import { Station } from '../station/station'
import type { DataPaths } from '../store/paths'
import { AuthorityDesk } from './authority-desk'
import { Bench, type BenchRequest } from './bench'
import type { Desk } from './desk'
import type { Log } from './events'
import type { FactoryIssuer } from './revocation-factory'

export interface FloorOptions {
  readonly clock: Clock
  readonly vault: Vault
  readonly paths: DataPaths
  readonly stationName: string
  /** Who acts outside station mode. */
  readonly owner: () => string
  readonly runner: JobRunner
  readonly log: Log
  readonly desk: Desk | undefined
  readonly emit: (view: StationView) => void
  readonly audit: (actor: string, action: string, subject: string, detail?: string) => void
  /** Trusted factory roots, PEM. */
  readonly roots: () => readonly string[]
  /** Trusts a root that was made on this laptop. */
  readonly trustRoot: (pem: string) => void
}

export class FactoryFloor {
  readonly authority: AuthorityDesk
  private readonly station: Station
  private readonly bench: Bench

  constructor(private readonly options: FloorOptions) {
    this.station = new Station({
      clock: options.clock,
      random: systemRandom,
      vault: options.vault,
      paths: options.paths,
      runner: options.runner,
      stationName: options.stationName,
      owner: options.owner,
      log: options.log,
      emit: options.emit,
      audit: options.audit,
      passed: (lane, label) => void this.printPassed(lane, label),
    })
    this.bench = new Bench({
      clock: options.clock,
      runner: options.runner,
      ledger: () => this.station.ledger,
      config: () => this.view().config,
      lanes: () => this.station.injectTools(),
      portInUse: (path) => this.usesPort(path),
    })
    this.authority = new AuthorityDesk({
      clock: options.clock,
      vault: options.vault,
      rootFolder: options.paths.factoryRoot,
      roots: options.roots,
      trustRoot: options.trustRoot,
      audit: (action, subject) => options.audit(this.station.actor(), action, subject),
      view: () => this.station.authorityView(),
      changed: () => this.station.loadAuthority(),
    })
  }

  async open(): Promise<void> {
    await this.station.open()
    if (this.active) this.options.desk?.fullScreen(true)
  }

  async close(): Promise<void> {
    await Promise.all([this.bench.close(), this.station.close()])
  }

  get active(): boolean {
    return this.station.active
  }

  usesPort(path: string): boolean {
    return this.station.usesPort(path)
  }

  injectTools(): InjectTools {
    return this.bench.tools()
  }

  /** Injects the device on a port outside the lanes, for the terminal. Errors: those of the port, RANGE_EXHAUSTED. */
  injectOne(request: BenchRequest): Promise<{ jobId: string; label: () => LabelContent }> {
    return this.bench.inject(request)
  }

  view(): StationView {
    return this.station.view()
  }

  configure(change: Partial<StationConfig>): StationView {
    this.station.configure(change)
    return this.view()
  }

  /** Lanes for boards that the practice site plays: in place of none, or of those of an earlier run. */
  offerLanes(paths: readonly string[]): void {
    this.station.offerLanes(paths)
  }

  /** Locks the station on. Errors: REQUEST_REFUSED with what is missing. */
  async enter(): Promise<StationView> {
    await this.station.enter()
    this.options.desk?.fullScreen(true)
    return this.view()
  }

  /** Errors: PIN_WRONG, LOCKED_OUT, NOT_AUTHORIZED for an operator's PIN. */
  async leave(pin: string): Promise<StationView> {
    await this.station.leave(pin)
    this.options.desk?.fullScreen(false)
    return this.view()
  }

  async signIn(pin: string): Promise<StationView> {
    await this.station.signIn(pin)
    return this.view()
  }

  signOut(): StationView {
    this.station.signOut()
    return this.view()
  }

  async addPerson(person: Person & { readonly pin: string }): Promise<StationView> {
    await this.station.addPerson(person)
    return this.view()
  }

  removePerson(name: string): StationView {
    this.station.removePerson(name)
    return this.view()
  }

  scan(text: string): StationView {
    this.station.scan(text)
    return this.view()
  }

  chooseLane(lane: number): StationView {
    this.station.chooseLane(lane)
    return this.view()
  }

  startLane(lane: number): StationView {
    this.station.start(lane)
    return this.view()
  }

  unlockLane(lane: number): StationView {
    this.station.unlockLane(lane)
    return this.view()
  }

  laneLog(lane: number): readonly string[] {
    return this.station.log(lane)
  }

  printers(): Promise<string[]> {
    return this.options.desk?.printers() ?? Promise.resolve([])
  }

  /** The label of the finished device in a lane. Errors: REQUEST_REFUSED when none is there, PRINTER_UNAVAILABLE, FILE_INVALID. */
  async label(request: {
    readonly lane: number
    readonly to: 'printer' | 'pdf'
    readonly copies: number
  }): Promise<Saved> {
    const { desk } = this.options
    if (!desk) throw new IotmcError('PRINTER_UNAVAILABLE', { detail: 'there is no printer here' })
    const facts = this.station.label(request.lane)
    if (request.to === 'pdf') {
      const path = await desk.saveFile(`${facts.serialNumber}.pdf`, await this.pdf(facts, request.copies))
      return path === undefined ? { saved: false } : { saved: true, path }
    }
    await this.print(desk, facts, request.copies)
    this.station.printed(request.lane)
    return { saved: true }
  }

  private async print(desk: Desk, facts: LabelContent, copies: number): Promise<void> {
    const { size, printer } = this.view().config.label
    const onSheets = 'sheet' in LABEL_SIZES[size]
    // A roll prints one label as often as is asked; on sheets the copies stand side by side.
    const pages = onSheets ? layoutPages(copiesOf(facts, copies), size) : [layoutLabel(facts, size)]
    for (const page of pages) {
      const { widthMm, heightMm } = page
      await desk.print({ svg: drawingSvg(page), widthMm, heightMm, copies: onSheets ? 1 : copies, printer })
    }
  }

  /** A label that can not be printed is no failure of the device: the lane says so, and prints it on request. */
  private async printPassed(lane: number, label: LabelContent): Promise<void> {
    const { desk, log } = this.options
    if (!desk || !this.view().config.printOnPass) return
    try {
      await this.print(desk, label, 1)
      this.station.printed(lane)
    } catch (thrown) {
      log.warn({ lane, code: asIotmcError(thrown).code }, 'a label was not printed')
    }
  }

  /** A PDF of labels; it holds setup codes. */
  pdf(facts: LabelContent, copies = 1): Promise<Buffer> {
    const { size } = this.view().config.label
    return drawingsPdf(
      layoutPages(
        Array.from({ length: copies }, () => facts),
        size,
      ),
      facts.serialNumber,
    )
  }

  summary(): LedgerSummary {
    return this.station.ledger.summary()
  }

  units(query: { readonly search: string; readonly limit: number }): Unit[] {
    return this.station.ledger.units(query)
  }

  /** What this laptop has issued to devices, for the list of what is kept out. */
  issuer(): FactoryIssuer {
    return {
      authority: async () => (await openStationAuthority(this.options.vault))?.authority,
      certificate: (fingerprint) => this.station.ledger.certificate(fingerprint),
    }
  }

  unit(serialNumber: string): Unit | undefined {
    return this.station.ledger.unit(serialNumber)
  }

  /** Errors: LEDGER_INVALID, VALUE_INVALID, REQUEST_REFUSED where it overlaps another range. */
  addRange(range: NewRange): LedgerSummary {
    const subject = `${range.prefix}${range.first}–${range.last}`
    this.station.changeLedger('range-released', subject, (ledger, by) => ledger.addRange(range, by))
    return this.summary()
  }

  burn(serialNumber: string, reason: string): LedgerSummary {
    this.station.changeLedger('number-burned', serialNumber, (ledger, by) =>
      ledger.burn(serialNumber, reason, by),
    )
    return this.summary()
  }

  scrap(serialNumber: string, reason: string): LedgerSummary {
    this.station.changeLedger('device-scrapped', serialNumber, (ledger, by) =>
      ledger.scrap(serialNumber, reason, by),
    )
    return this.summary()
  }

  verifyLedger(): Promise<LedgerCheck> {
    return this.station.ledger.verifyAside()
  }

  exportLedger(format: 'csv' | 'jsonl'): Iterable<string> {
    return this.station.ledger.export(format)
  }

  async saveLedger(format: 'csv' | 'jsonl'): Promise<Saved> {
    const { desk } = this.options
    if (!desk) throw new IotmcError('REQUEST_REFUSED', { detail: 'there is no dialog here' })
    const path = await desk.saveFile(`ledger.${format}`, this.exportLedger(format))
    return path === undefined ? { saved: false } : { saved: true, path }
  }
}

const copiesOf = (facts: LabelContent, copies: number): LabelContent[] =>
  Array.from({ length: copies }, () => facts)
