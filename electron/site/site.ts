/** One open site: records, identity, discovery, the hosted controller, enrolment and jobs, wired together. */
import type { Device } from '../contract/device'
import { IotmcError } from '../contract/errors'
import type { Job } from '../contract/job'
import type { SerialDevice } from '../contract/provision'
import type { Settings } from '../contract/settings'
import { HTTP_LIMITS } from '../contract/timings'
import type { Discovery } from '../discovery/discovery'
import { Transport } from '../discovery/transport'
import type { EnrollmentService } from '../enrollment/service'
import { readCertificate } from '../identity/certificate'
import { TrustStore } from '../identity/trust'
import { commissionPlan } from '../jobs/commission'
import { DeviceLink } from '../jobs/device-link'
import type { StepPlan } from '../jobs/step'
import { systemClock } from '../net/clock'
import { Records } from '../store/records'
import { commissionTools } from './commission-tools'
import { DeviceFeed } from './device-feed'
import { DeviceList } from './device-list'
import { DeviceTalk } from './device-talk'
import type { DeviceWatch } from './device-watch'
import { createEnrollment } from './enrollment'
import { EnrollmentDesk } from './enrollment-desk'
import { createFinder, listeningOn } from './finder'
import type { FirmwareDesk } from './firmware-desk'
import { FirmwareWatch } from './firmware-watch'
import { unlessFrozen } from './frozen'
import { type Hosted, startHosted } from './hosted'
import type { RevocationDesk } from './revocation-desk'
import { openSiteFirmware } from './site-firmware'
import { openSiteIdentity, type SiteIdentity } from './site-identity'
import { SiteJobs } from './site-jobs'
import { SiteLife } from './site-life'
import { SiteOperation } from './site-operation'
import type { SiteOptions } from './site-options'
import { openRevocations, type RevokingSite } from './site-revocations'
import { TrustShelf } from './trust-shelf'
import { Wakes } from './wakes'
import { Workshop } from './workshop'

const clock = systemClock

export class Site {
  /** Opens records and identity, starts serving, searching and the unfinished jobs. Errors: DATA_DAMAGED, NETWORK_UNAVAILABLE. */
  static async open(options: SiteOptions): Promise<Site> {
    const records = Records.open(options.paths.records)
    try {
      const { siteName } = options.settings.get()
      const now = new Date(clock.now())
      const identity = await openSiteIdentity(options.vault, records, options.paths, { siteName, now })
      let site: Site | undefined
      const revocations = await openRevocations({ clock, records, identity, site: () => site?.revoking() })
      site = new Site(options, records, identity, revocations)
      await site.start()
      return site
    } catch (thrown) {
      records.close()
      throw thrown
    }
  }

  readonly udn: string
  /** Subject and fingerprint of the anchor that devices learn. */
  readonly authority: { readonly subject: string; readonly fingerprint: string }
  /** Trusted factory roots and revocation lists. */
  readonly shelf: TrustShelf
  private readonly trust: TrustStore
  private readonly transport: Transport
  readonly finder: Discovery
  private readonly enrollment: EnrollmentService
  private readonly link: DeviceLink
  readonly enrollments: EnrollmentDesk
  /** Single questions to single devices. */
  readonly talk: DeviceTalk
  /** What was asked for, and how far it is. */
  readonly jobs: SiteJobs
  /** The factory station, and provisioning. */
  readonly workshop: Workshop
  private readonly list: DeviceList
  private readonly firmwareWatch: FirmwareWatch
  /** Accounts, audit, health, logs, checks, configuration, reports. */
  readonly operation: SiteOperation
  /** Plan, groups, labels, decommissioning, revocation. */
  readonly life: SiteLife
  private firmwareDesk: FirmwareDesk | undefined
  private readonly feed: DeviceFeed
  /** Presence, enrolment, or a person's word. */
  private readonly wakes = new Wakes()
  private readonly closing = new AbortController()
  private hosted: Hosted | undefined
  private watch: DeviceWatch | undefined

  private constructor(
    private readonly options: SiteOptions,
    private readonly records: Records,
    private readonly identity: SiteIdentity,
    revocations: RevocationDesk,
  ) {
    this.udn = identity.udn
    const { subject, fingerprint } = readCertificate(identity.anchorPem).summary
    this.authority = { subject, fingerprint }
    const now = () => clock.now()
    this.shelf = new TrustShelf(records, now, () => this.trustChanged())
    this.trust = new TrustStore({
      roots: this.shelf.roots,
      siteCa: () => identity.anchorPem,
      crls: this.shelf.crls,
      revoked: () => revocations.serials(),
      blocked: () => revocations.blocked(),
      now,
    })
    const settings = options.settings.get()
    this.transport = new Transport({ clock, interfaces: this.interfaceNames() })
    this.finder = createFinder({
      clock,
      interfaces: this.interfaceNames(),
      allowOffSubnet: () => options.settings.get().allowOffSubnet,
      mxS: settings.searchMxS,
      transport: this.transport,
      ownUdns: [this.udn],
    })
    this.enrollment = createEnrollment({
      records,
      trust: this.trust,
      authority: identity.authority,
      now,
      settings: () => options.settings.get(),
      jobs: () => this.jobs,
      audit: (action, subject, detail) => this.audit(action, subject, detail),
      refuses: (udn, fingerprint) => this.life.decommissions.refuses(udn, fingerprint),
    })
    this.link = new DeviceLink({
      clock,
      trust: this.trust,
      identity: () => identity.controller,
      cas: () => [...this.shelf.roots(), identity.anchorPem],
      sighting: (udn) => this.finder.get(udn),
      onProven: (udn, proven) => this.list.remember(udn, { proven }),
    })
    this.firmwareWatch = new FirmwareWatch({
      clock,
      link: this.link,
      changed: (udns) => this.feed.touch(udns),
    })
    this.list = new DeviceList({
      clock,
      records,
      finder: this.finder,
      ownUdn: this.udn,
      newestJob: (udn) => this.jobs.newest(udn),
      firmware: (udn) => this.firmwareWatch.facts(udn),
      health: (udn) => this.operation.health.of(udn),
      decommissioned: (udn) => this.life?.decommissions.stateOf(udn),
      isMislabelled: (udn) => this.life?.labels.isWrong(udn) ?? false,
      changed: (udns) => {
        this.feed.touch(udns)
        this.watch?.look(udns)
      },
    })
    this.feed = new DeviceFeed(
      clock,
      (udn) => this.list.view(udn),
      (changes) => options.emit('devices', changes),
    )
    this.talk = new DeviceTalk(
      this.link,
      () => this.deadline(),
      (udn, trusted) => this.list.checked(udn, trusted),
    )
    this.jobs = new SiteJobs({
      clock,
      records,
      enrollment: () => this.enrollment,
      concurrency: settings.jobConcurrency,
      plan: (job) => this.plan(job),
      log: options.log,
      emit: options.emit,
      touch: (udns) => this.feed.touch(udns),
      retryUpdates: (jobs) => this.firmware.retryJobs(jobs),
      changed: (udns) => this.wakes.wake(udns),
      audit: (action, subject) => this.audit(action, subject),
    })
    const touch = (udns: readonly string[]) => this.feed.touch(udns)
    this.enrollments = new EnrollmentDesk({
      ...{ clock, records, service: this.enrollment, list: this.list, work: this.jobs, touch },
      emit: options.emit,
      changed: (udn) => this.wakes.wake([udn]),
    })
    this.workshop = new Workshop({
      ...{ clock, vault: options.vault, paths: options.paths },
      stationName: settings.siteName || 'station',
      owner: () => options.settings.get().technician || 'site',
      runner: this.jobs.runner,
      log: options.log,
      desk: options.desk,
      emit: (view) => options.emit('station', view),
      audit: (actor, action, subject, detail) => this.audit(action, subject, detail, actor),
      roots: this.shelf.roots,
      trustRoot: (pem) => this.shelf.add(pem),
      trust: this.trust,
      link: this.link,
      anchorPem: () => identity.anchorPem,
      sighting: (udn) => this.finder.get(udn),
      onChange: (listener) => this.finder.on('changed', listener),
      search: () => this.finder.search(),
      requireFree: (who) => this.life.decommissions.requireFreeCable(who),
    })
    const { list, link, finder, firmwareWatch, authority } = this
    const parts = {
      ...{ clock, options, records, identity, authority, link, finder, firmwareWatch, list },
      runner: this.jobs.runner,
      devices: () => this.devices(),
      listening: () => this.listening(),
      secrets: () => this.workshop.provisioning.heldSecrets(),
      touch,
    }
    this.operation = new SiteOperation(parts)
    const audit = this.audit.bind(this)
    this.life = new SiteLife({
      ...parts,
      ...{ revocations, audit, operation: this.operation, work: this.jobs },
      firmware: () => this.firmware,
      planChanged: () => this.enrollments.planChanged(),
      roots: this.shelf.roots,
      cas: () => this.cas(),
      enrollmentEnded: (udn) => this.enrollments.ended(udn),
      refusesMore: () => this.hosted?.rejudge(),
    })
  }

  private async start(): Promise<void> {
    const { records, finder, jobs: work, enrollment, options } = this
    if (records.groups.list().length === 0)
      records.groups.save(options.settings.get().policy.defaultGroup, {})
    finder.on('changed', (udns) => {
      this.feed.touch(udns)
      this.watch?.look(udns)
      this.life.heard(udns)
      for (const udn of udns) this.firmwareWatch.seen(udn, finder.get(udn))
      this.wakes.wake(udns)
    })
    this.enrollments.begin()
    this.firmwareDesk = await this.openFirmware()
    this.hosted = await startHosted({
      clock,
      transport: this.transport,
      udn: this.udn,
      bootId: this.identity.bootId,
      siteName: options.settings.get().siteName,
      identity: this.identity.controller,
      cas: this.cas(),
      trust: this.trust,
      enrollment,
      repository: this.firmwareDesk.repository,
      revocationList: () => this.life.revocations.der(),
    })
    this.watch = this.operation.watch(this.hosted)
    await finder.start()
    finder.search()
    await this.workshop.open()
    this.firmwareDesk.begin()
    this.operation.begin()
    this.life.begin()
    work.start()
    this.feed.touch(this.list.udns())
  }

  listening(): string[] {
    return listeningOn(this.finder)
  }

  search(): void {
    this.finder.search()
    this.hosted?.announce()
  }

  devices(): readonly Device[] {
    return this.list.udns().flatMap((udn) => this.list.view(udn) ?? [])
  }

  lookSerial(path: string): Promise<SerialDevice> {
    return this.workshop.provisioning.look(path, this.deadline())
  }

  /** Library, rollouts and single devices' firmware. */
  get firmware(): FirmwareDesk {
    if (!this.firmwareDesk) throw new IotmcError('DEFECT', { detail: 'the site is not open yet' })
    return this.firmwareDesk
  }

  applySettings(settings: Settings): void {
    this.jobs.setConcurrency(settings.jobConcurrency)
    this.operation.applySettings(settings)
    void this.transport.setInterfaces(this.interfaceNames())
    this.enrollments.reconsiderAll()
    // Who has left may be kept out from now on.
    this.hosted?.rejudge()
  }

  /** Jobs stop where they are and stay in the journal; byebye is sent; the records are closed. */
  async close(): Promise<void> {
    this.closing.abort()
    // Jobs first: one that lost its lane under way would count as failed, not as interrupted.
    await this.jobs.stop()
    this.firmwareDesk?.close()
    await this.workshop.close()
    await this.watch?.close()
    await this.life.close()
    await this.operation.close()
    await Promise.allSettled([this.hosted?.stop(), this.finder.stop()])
    this.feed.close()
    this.enrollments.close()
    this.link.close()
    this.records.close()
  }

  private plan(job: Job): readonly StepPlan[] {
    const { kind, subject } = job
    return unlessFrozen(this.stepsOf(job), () => this.life.decommissions.requireFree(kind, [subject]))
  }

  private stepsOf(job: Job): readonly StepPlan[] {
    if (job.kind === 'commission') return commissionPlan(this.tools(), job)
    if (job.kind === 'update' || job.kind === 'update-serial') return this.firmware.plan(job)
    return this.operation.plan(job) ?? this.life.steps(job) ?? this.workshop.plan(job)
  }

  private openFirmware(): Promise<FirmwareDesk> {
    const { options, records, jobs: work, link, shelf, list, finder, firmwareWatch: watch } = this
    return openSiteFirmware({
      ...{ clock, options, records, link, watch, shelf, list, finder },
      runner: work.runner,
      portInUse: (path) => this.workshop.floor.usesPort(path),
      requireFree: (who) => this.life.decommissions.requireFreeCable(who),
      audit: (action, subject, detail) => this.audit(action, subject, detail),
    })
  }

  private tools() {
    const { enrollment, link, records, finder, list, jobs: work } = this
    return commissionTools({
      clock,
      enrollment,
      link,
      verdicts: work.verdicts,
      records,
      finder,
      list,
      onWake: (udn, listener) => this.wakes.on(udn, listener),
      announce: () => this.hosted?.announce(),
    })
  }

  private audit(action: string, subject: string, detail?: string, by?: string): void {
    this.operation.audit(action, subject, detail, by)
  }

  private interfaceNames(): readonly string[] {
    return this.options.interfaces ?? this.options.settings.get().interfaces
  }

  /** What revocation reaches of it. */
  private revoking(): RevokingSite {
    return {
      device: (udn) => this.list.view(udn),
      link: this.link,
      enrollmentEnded: (udn) => this.enrollments.ended(udn),
      trustChanged: () => {
        this.hosted?.rejudge()
        this.link.rejudge()
      },
      audit: (action, subject, detail) => this.audit(action, subject, detail),
      factory: () => this.workshop.floor.issuer(),
    }
  }

  private cas(): readonly string[] {
    return [...this.shelf.roots(), this.identity.anchorPem]
  }

  private trustChanged(): void {
    this.hosted?.setCas(this.cas())
    this.link?.close()
    this.list?.forgetRefusals()
    this.firmwareDesk?.trustChanged()
  }

  private deadline(): AbortSignal {
    return AbortSignal.any([this.closing.signal, AbortSignal.timeout(HTTP_LIMITS.requestTimeoutMs)])
  }
}
