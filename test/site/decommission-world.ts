/** A desk with a runner, records and real certificates, and one device that can be away, lose answers, and lie. */
import { createHash, randomBytes, sign } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type DecommissionOrder, REVOCATION_REASONS } from '../../electron/contract/decommission'
import { type ErrorCode, IotmcError } from '../../electron/contract/errors'
import { normalSerial } from '../../electron/identity/serial-number'
import type { WipeAnswer } from '../../electron/jobs/decommission-proof'
import { JobRunner } from '../../electron/jobs/runner'
import { DecommissionDesk, type DecommissionDeskOptions } from '../../electron/site/decommission-desk'
import { Records } from '../../electron/store/records'
import { keepingLog } from '../helpers/quiet-log'
import { VirtualClock } from '../helpers/virtual-clock'
import * as make from '../identity/make'
import { controllerOf } from '../reports/site'

export const UDN = 'uuid:00000000-0000-4000-8000-000000000001'
export const ORDER: DecommissionOrder = {
  udns: [UDN],
  revokeIdevid: false,
  reason: 'retired',
  note: '',
  phrase: 'wipe SN-1',
}

/** What goes wrong at the next call of the device. */
export type Fault = 'unreachable' | 'answer-lost' | 'busy' | 'garbled' | 'disk'

export class WipedDevice {
  online = true
  wipes = 0
  readonly nonces: string[] = []
  readonly faults: Fault[] = []
  private lastAnswer: WipeAnswer | undefined
  private shown: readonly Buffer[] | undefined

  constructor(
    private readonly idevid: make.Entity,
    private readonly signerPem: string = idevid.keyPem,
  ) {}

  async wipe(udn: string, nonce: string): Promise<WipeAnswer> {
    const fault = this.reach()
    const said: unknown = this.lastAnswer && JSON.parse(this.lastAnswer.statement)
    if (this.lastAnswer && (said as { nonce: string }).nonce === nonce) return this.lastAnswer
    this.nonces.push(nonce)
    if (this.lastAnswer) throw new IotmcError('WRONG_PHASE')
    this.wipes += 1
    this.lastAnswer = this.state(udn, nonce)
    if (fault === 'answer-lost') throw new IotmcError('TIMED_OUT')
    return fault === 'garbled' ? { ...this.lastAnswer, signature: 'AAAA' } : this.lastAnswer
  }

  async see(): Promise<WipeAnswer> {
    const fault = this.reach()
    if (!this.lastAnswer) throw new IotmcError('BUSY')
    this.shown = [this.idevid.der]
    if (fault === 'answer-lost') throw new IotmcError('TIMED_OUT')
    return this.lastAnswer
  }

  identityOf(): readonly Buffer[] | undefined {
    return this.shown
  }

  /** As after a restart of the program: TLS has to prove it again. */
  forget(): void {
    this.shown = undefined
  }

  close(): void {
    this.forget()
  }

  private reach(): Fault | undefined {
    if (!this.online) throw new IotmcError('DEVICE_OFFLINE')
    const fault = this.faults.shift()
    if (fault === 'unreachable') throw new IotmcError('DEVICE_UNREACHABLE')
    if (fault === 'busy') throw new IotmcError('BUSY')
    if (fault === 'disk') throw new IotmcError('ACTION_FAILED', { detail: 'full' })
    return fault
  }

  private state(udn: string, nonce: string): WipeAnswer {
    const items = [
      { item: 'site-keys', bytes: 1834 },
      { item: 'site-anchor', bytes: 712 },
      { item: 'network', bytes: 96 },
      { item: 'configuration', bytes: 412 },
      { item: 'log', bytes: 65_536 },
      { item: 'health', bytes: 0 },
      { item: 'standby-bank', bytes: 2_097_152 },
      { item: 'subscriptions', bytes: 0 },
      { item: 'update-order', bytes: 0 },
      { item: 'revocation-list', bytes: 402 },
      { item: 'setup-guard', bytes: 24 },
    ]
    const fixed = { format: 1, statement: 'wiped', udn, serialNumber: 'SN-1', model: 'TH-10' }
    const statement = JSON.stringify({ ...fixed, nonce, wipes: this.wipes, items })
    const signature = sign('sha256', Buffer.from(statement), this.signerPem).toString('base64')
    return { statement, signature }
  }
}

const entities = async () => {
  const siteCa = await make.root('Example site CA')
  const factory = await make.root('Example maker CA')
  const udn = make.newUdn()
  return {
    siteCa,
    factory,
    udn,
    controller: await controllerOf(siteCa, udn),
    idevid: await make.device(factory, UDN),
    ldevid: await make.device(siteCa, UDN),
  }
}
let made: ReturnType<typeof entities> | undefined

/** Keys and certificates are the same for all worlds of a file. */
export const decommissionWorld = async (
  folder: string,
  more: { readonly keepIdentity?: boolean; readonly signerPem?: string } = {},
) => {
  made ??= entities()
  const { siteCa, factory, controller, udn, idevid, ldevid } = await made
  mkdirSync(folder, { recursive: true })
  const records = Records.open(':memory:')
  const clock = new VirtualClock(make.NOW)
  const device = new WipedDevice(idevid, more.signerPem)
  const publicKeySha256 = createHash('sha256').update('key').digest('hex')
  const reserved = records.certificates.reserve({
    kind: 'LDevID',
    udn: UDN,
    requestSha256: 'aa',
    publicKeySha256,
    atMs: clock.now(),
  })
  const notAfter = new Date(make.NOW + make.DAY).toISOString()
  const signed = {
    pem: ldevid.pem,
    chainPem: ldevid.pem,
    notAfter,
    fingerprint: ldevid.facts.summary.fingerprint,
  }
  records.certificates.complete(reserved.serialNumber, signed, clock.now())
  records.enrollments.put({
    enrollmentId: 'e-1',
    udn: UDN,
    model: 'TH-10',
    hardwareRevision: 'A',
    firmwareVersion: '2.4.0',
    serialNumber: 'SN-1',
    identityFingerprint: idevid.facts.summary.fingerprint,
    state: 'confirmed',
    ldevidSerial: reserved.serialNumber,
    requestedAtMs: clock.now(),
    updatedAtMs: clock.now(),
  })
  if (more.keepIdentity ?? true) records.factoryIdentities.put(idevid.facts.summary.fingerprint, idevid.pem)
  const wakers = new Set<() => void>()
  /** Errors of the next calls of parts of the controller. */
  const troubles: ErrorCode[] = []
  const trouble = (): void => {
    const code = troubles.shift()
    if (code) throw new IotmcError(code)
  }
  const withdrawn: string[] = []
  const blocked = new Set<string>()
  const audit: string[] = []
  const serials = () => new Set(records.revocations.list().map((one) => normalSerial(one.serialNumber)))
  const revocations = {
    serials,
    revoke: async (ones: readonly { serialNumber: string; reason: keyof typeof REVOCATION_REASONS }[]) => {
      trouble()
      const rows = ones.map(({ serialNumber, reason }) => ({
        serialNumber: normalSerial(serialNumber).toLowerCase(),
        atMs: clock.now(),
        reason: REVOCATION_REASONS[reason],
      }))
      records.revocations.addAll(rows)
      await Promise.resolve()
      trouble()
      return { crlNumber: 7 }
    },
    block: ({ fingerprint }: { fingerprint: string }) => void blocked.add(fingerprint),
  }
  const open = (change: Partial<DecommissionDeskOptions> = {}) => {
    const ref: { desk?: DecommissionDesk } = {}
    const log = keepingLog()
    const runner = new JobRunner({
      clock,
      journal: records.jobs,
      concurrency: 4,
      plan: (job) => ref.desk?.plan(job) ?? [],
      log,
    })
    const desk = new DecommissionDesk({
      clock,
      log,
      records,
      runner,
      revocations,
      line: device,
      certificates: {
        folder: join(folder, 'decommissions'),
        signer: () => ({ keyPem: controller.keyPem, chainPem: controller.pem }),
        siteCaPem: () => siteCa.pem,
        site: () => ({
          name: 'Example site',
          controllerUdn: udn,
          authority: siteCa.facts.summary.subject,
          authorityFingerprint: siteCa.facts.summary.fingerprint,
        }),
        language: () => 'en',
      },
      device: () => undefined,
      isOnline: () => device.online,
      onWake: (_, listener) => {
        wakers.add(listener)
        return () => wakers.delete(listener)
      },
      withdraw: (one) => void withdrawn.push(one),
      enrollmentEnded: () => undefined,
      refusesMore: () => undefined,
      roots: () => [factory.pem],
      mayReturn: () => true,
      actor: () => 'Technician 17',
      audit: (action, subject) => void audit.push(`${action} ${subject}`),
      newNonce: () => randomBytes(16).toString('hex'),
      ...change,
    })
    ref.desk = desk
    desk.begin()
    runner.start()
    return { desk, runner }
  }
  const wake = (): void => {
    for (const waker of [...wakers]) waker()
  }
  return {
    records,
    clock,
    device,
    troubles,
    withdrawn,
    blocked,
    audit,
    serials,
    siteCa,
    factory,
    idevid,
    open,
    wake,
  }
}
