/** Diagnostics bundles: of devices, of the site, or of this program alone. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditLine } from '../contract/access'
import type { Device } from '../contract/device'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { BundleScope } from '../contract/report'
import type { Clock } from '../net/clock'
import { type BundlePart, type Missing, writeBundle } from '../reports/bundle'
import { type AppSources, appParts } from '../reports/bundle-app'
import { type DeviceAnswers, type DeviceSources, deviceParts, timeline } from '../reports/bundle-device'
import { Redactor } from '../reports/redact'
import { isoTime, stampOf } from '../reports/times'

/** What an open site adds; without it only the program's own bundle can be made. */
export interface SiteSources extends DeviceSources {
  readonly devices: () => readonly Device[]
  /** Asked of a device that is online. Errors: those of the link. */
  readonly configuration: (udn: string, signal: AbortSignal) => Promise<unknown>
  readonly banks: (udn: string, signal: AbortSignal) => Promise<unknown>
  /** All lines, newest first. */
  readonly auditLines: () => Iterable<AuditLine>
  /** Groups, expected devices, enrolments: what else stands in the records, by name. */
  readonly records: () => Readonly<Record<string, unknown>>
}

export interface BundleDeskOptions {
  readonly clock: Clock
  /** Where a bundle lies until it is moved to where a person wants it; emptied when the desk is opened. */
  readonly folder: string
  readonly app: AppSources
  readonly site?: SiteSources
  /** Secrets that this program holds now; they are taken out wherever they stand. */
  readonly secrets?: () => Iterable<string>
  readonly audit?: (action: string, subject: string, detail?: string) => void
}

const AT_ONCE = 8
const ANSWER_MS = 15_000
const AUDIT_MAX = 20_000

export class BundleDesk {
  constructor(private readonly o: BundleDeskOptions) {
    for (const name of namesIn(o.folder)) rmSync(join(o.folder, name), { force: true })
  }

  /**
   * Makes a bundle as a temporary file, for the caller to move or remove. What can't be had of a device is told in its
   * index. Errors: CANCELLED, DEVICE_UNKNOWN, SETUP_NEEDED (no site is open), FILE_INVALID.
   */
  async make(
    scope: BundleScope,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<{ name: string; path: string }> {
    const { clock, folder, app, audit } = this.o
    const nowMs = clock.now()
    const missing: Missing[] = []
    const redactor = new Redactor(this.o.secrets?.())
    for (const own of [app.settings(), app.jobs()]) redactor.study(own)
    const parts = [
      ...(scope.kind === 'app' ? [] : await this.siteParts(scope, redactor, missing, nowMs, signal)),
      ...appParts(app),
    ]
    if (signal.aborted) throw new IotmcError('CANCELLED', { cause: signal.reason })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, `${randomUUID()}.zip`)
    const head = { scope, madeAt: isoTime(nowMs), program: app.program, missing }
    await writeBundle(path, head, parts, { redactor, signal })
    audit?.('bundle-made', scope.kind === 'devices' ? scope.udns.join(' ').slice(0, 200) : scope.kind)
    return { name: `diagnostics-${scope.kind}-${stampOf(nowMs)}.zip`, path }
  }

  private async siteParts(
    scope: Exclude<BundleScope, { kind: 'app' }>,
    redactor: Redactor,
    missing: Missing[],
    nowMs: number,
    signal: AbortSignal,
  ): Promise<BundlePart[]> {
    const { site } = this.o
    if (!site) throw new IotmcError('SETUP_NEEDED')
    const devices = chosenDevices(site.devices(), scope)
    const records = site.records()
    redactor.study(records)
    const answers = await askAll(devices, site, missing, signal)
    // Before the first word is written: what one device keeps secret may stand in another's log.
    for (const answer of answers.values()) redactor.study(answer)
    const audit = [...take(site.auditLines(), AUDIT_MAX)]
    redactor.study(audit)
    const ofSite: BundlePart[] = [
      ...Object.entries(records).map(([name, value]) => ({ name: `site/${name}.json`, json: () => value })),
      { name: 'site/devices.json', json: () => site.devices() },
      { name: 'site/timeline.json', json: () => timeline(site.jobs(), audit) },
    ]
    return [
      ...(scope.kind === 'site' ? ofSite : []),
      ...devices.flatMap((device) => deviceParts(device, answers.get(device.udn) ?? {}, site, nowMs)),
    ]
  }
}

const chosenDevices = (
  devices: readonly Device[],
  scope: Exclude<BundleScope, { kind: 'app' }>,
): readonly Device[] => {
  if (scope.kind === 'site') return devices.filter(({ managed }) => managed)
  return scope.udns.map((udn) => {
    const device = devices.find((one) => one.udn === udn)
    if (!device) throw new IotmcError('DEVICE_UNKNOWN', { subject: udn })
    return device
  })
}

/** Configuration and banks of every device that is online, a few at a time. */
const askAll = async (
  devices: readonly Device[],
  site: SiteSources,
  missing: Missing[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DeviceAnswers>> => {
  const answers = new Map<string, DeviceAnswers>()
  const queue = [...devices]
  const worker = async (): Promise<void> => {
    for (let device = queue.shift(); device && !signal.aborted; device = queue.shift())
      answers.set(device.udn, await askOne(device, site, missing, signal))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (signal.aborted) throw new IotmcError('CANCELLED', { cause: signal.reason })
  return answers
}

const askOne = async (
  { udn, online }: Device,
  site: SiteSources,
  missing: Missing[],
  signal: AbortSignal,
): Promise<DeviceAnswers> => {
  const ask = async (what: 'configuration' | 'banks'): Promise<DeviceAnswers> => {
    if (!online) {
      missing.push({ udn, what, reason: 'DEVICE_OFFLINE' })
      return {}
    }
    try {
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)])
      return { [what]: await site[what](udn, deadline) }
    } catch (thrown) {
      missing.push({ udn, what, reason: asIotmcError(thrown, 'BAD_ANSWER').code })
      return {}
    }
  }
  return { ...(await ask('configuration')), ...(await ask('banks')) }
}

function* take<T>(source: Iterable<T>, most: number): Generator<T> {
  let count = 0
  for (const item of source) {
    if (count >= most) return
    count += 1
    yield item
  }
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
