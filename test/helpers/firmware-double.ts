/** A device with two banks in virtual time, as far as the controller sees it; with faults to choose from. */
import type { ErrorCode } from '../../electron/contract/errors'
import { IotmcError } from '../../electron/contract/errors'
import type { BankStatus, DeviceUpdate, Manifest, RollbackReason } from '../../electron/contract/firmware'
import type { LifecycleState } from '../../electron/jobs/device-link'
import type { VirtualClock } from './virtual-clock'

export const OLD_SHA = 'a'.repeat(64)
export const NEW_SHA = 'b'.repeat(64)
export const BUNDLE_ID = 'c'.repeat(64)

export const manifestOf = (over: Partial<Manifest> = {}): Manifest => ({
  format: 1,
  vendor: 'Example maker',
  model: 'PX-200',
  hardwareRevisions: ['B'],
  version: '2.0.0',
  securityVersion: 1,
  releaseDate: '2026-01-01T00:00:00Z',
  image: { file: 'image.mjs', format: 'raw', size: 1_000_000, sha256: NEW_SHA },
  probationHours: 24,
  notes: '',
  ...over,
})

/** How the new image behaves once it is there. */
export type Fate =
  | 'healthy'
  | { readonly fails: ErrorCode; readonly at: 'download' | 'verify' }
  | { readonly rollsBack: RollbackReason; readonly afterMs: number }
  | 'silent-after-activation'
  | 'stalls'

const FETCH_MS = 10_000
const VERIFY_MS = 2_000
const BOOT_MS = 5_000

export class FirmwareDouble {
  online = true
  fate: Fate = 'healthy'
  phase: LifecycleState['phase'] = 'operation'
  model = 'PX-200'
  hardwareRevision = 'B'
  securityVersion = 1
  /** Actions that it was told, GetBankStatus left out. */
  readonly told: string[] = []
  asked = 0
  /** The answer of the next call is lost on its way; what it orders is done. */
  loseAnswers = 0
  private active: 'A' | 'B' = 'A'
  private readonly versions = { A: '1.0.0', B: undefined as string | undefined }
  private update: DeviceUpdate | undefined
  private trialSinceMs = 0
  private nextId = 1
  private readonly wakers = new Set<() => void>()

  constructor(
    private readonly clock: VirtualClock,
    readonly udn: string,
    private readonly manifest: Manifest = manifestOf(),
  ) {}

  /** The version that runs. */
  get running(): string | undefined {
    return this.versions[this.active]
  }

  get state(): DeviceUpdate['state'] {
    return this.update?.state ?? 'idle'
  }

  onWake(listener: () => void): () => void {
    this.wakers.add(listener)
    return () => this.wakers.delete(listener)
  }

  /** Off, or out of reach; what runs on it goes on. */
  setOnline(online: boolean): void {
    this.online = online
    this.wake()
  }

  status(): BankStatus {
    this.asked += 1
    this.requireOnline()
    const bank = (slot: 'A' | 'B') => {
      const version = this.versions[slot]
      const sha256 = version === this.manifest.version ? NEW_SHA : OLD_SHA
      return version
        ? { slot, state: 'valid' as const, version, sha256, securityVersion: 1, bootAttempts: 0 }
        : { slot, state: 'empty' as const, bootAttempts: 0 }
    }
    const { update } = this
    return {
      activeBank: this.active,
      banks: [bank('A'), bank('B')],
      securityVersion: this.securityVersion,
      ...(update ? { update: { ...update, ...this.probation() } } : {}),
    }
  }

  lifecycle(): LifecycleState {
    this.requireOnline()
    return {
      phase: this.phase,
      model: this.model,
      serialNumber: '1',
      firmwareVersion: this.running ?? '',
      hardwareRevision: this.hardwareRevision,
      configurationVersion: 1,
      ldevidSerial: '01',
      group: 'Pumps',
    }
  }

  call(action: string, args: Readonly<Record<string, string>>): Record<string, string> {
    this.requireOnline()
    const answer = this.act(action, args)
    this.told.push(action)
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1
      throw new IotmcError('TIMED_OUT', { subject: this.udn })
    }
    return answer
  }

  /** As if somebody else had it come back. */
  rollBack(reason: RollbackReason): void {
    if (this.update?.state !== 'probation') return
    this.active = this.active === 'A' ? 'B' : 'A'
    this.set({ state: 'rolledBack', rollback: reason })
  }

  private act(action: string, args: Readonly<Record<string, string>>): Record<string, string> {
    switch (action) {
      case 'ScheduleFirmwareUpdate':
        return { UpdateId: this.schedule(args) }
      case 'CancelScheduledUpdate':
        this.update = undefined
        return {}
      case 'ActivateFirmware':
        if (this.update?.updateId !== args.UpdateId) throw new IotmcError('UPDATE_UNKNOWN')
        this.activate()
        return {}
      case 'ConfirmFirmware':
        this.confirm()
        return {}
      case 'RevertFirmware':
        this.rollBack('ordered')
        return {}
      default:
        throw new IotmcError('INVALID_ACTION')
    }
  }

  private schedule(args: Readonly<Record<string, string>>): string {
    const pending = this.update && !['failed', 'rolledBack', 'confirmed', 'idle'].includes(this.update.state)
    if (this.update && pending) {
      if (this.update.version === args.Version) return this.update.updateId
      throw new IotmcError('BUSY')
    }
    if (args.Version === this.running) throw new IotmcError('DOWNGRADE_REFUSED')
    const updateId = `u-${this.nextId++}`
    this.update = {
      updateId,
      version: args.Version ?? '',
      state: 'scheduled',
      activation: 'hold',
      receivedBytes: 0,
      totalBytes: 0,
    }
    this.wake()
    this.fetch(updateId, 1)
    return updateId
  }

  private fetch(updateId: string, tenth: number): void {
    this.clock.setTimer(() => {
      if (this.update?.updateId !== updateId) return
      if (!this.online) return this.fetch(updateId, tenth)
      if (this.fate === 'stalls' && tenth > 5) return
      const { size } = this.manifest.image
      const receivedBytes = Math.floor((size * tenth) / 10)
      this.set({ state: 'downloading', receivedBytes, totalBytes: size })
      if (this.failsAt('download') && tenth === 5) return
      if (tenth < 10) return this.fetch(updateId, tenth + 1)
      this.set({ state: 'verifying' })
      this.clock.setTimer(() => {
        if (this.update?.updateId !== updateId || this.failsAt('verify')) return
        this.versions[this.active === 'A' ? 'B' : 'A'] = this.update.version
        this.set({ state: 'staged' })
      }, VERIFY_MS)
    }, FETCH_MS / 10)
  }

  private failsAt(at: 'download' | 'verify'): boolean {
    if (typeof this.fate !== 'object' || !('fails' in this.fate) || this.fate.at !== at) return false
    this.set({ state: 'failed', code: this.fate.fails })
    return true
  }

  private activate(): void {
    if (this.update?.state !== 'staged') return
    const { updateId } = this.update
    this.set({ state: 'rebooting' })
    this.setOnline(false)
    this.clock.setTimer(() => {
      if (this.update?.updateId !== updateId) return
      this.active = this.active === 'A' ? 'B' : 'A'
      this.trialSinceMs = this.clock.now()
      this.set({ state: 'probation' })
      if (this.fate !== 'silent-after-activation') this.setOnline(true)
      if (typeof this.fate === 'object' && 'rollsBack' in this.fate) {
        const { rollsBack, afterMs } = this.fate
        this.clock.setTimer(() => this.rollBack(rollsBack), afterMs)
      }
      this.clock.setTimer(() => this.confirm(updateId), this.manifest.probationHours * 3600_000)
    }, BOOT_MS)
  }

  private confirm(updateId = this.update?.updateId): void {
    if (this.update?.state === 'probation' && this.update.updateId === updateId)
      this.set({ state: 'confirmed' })
  }

  private probation(): Pick<DeviceUpdate, 'probation'> {
    if (this.update?.state !== 'probation') return {}
    const ranS = Math.floor((this.clock.now() - this.trialSinceMs) / 1000)
    return { probation: { ranS, neededS: this.manifest.probationHours * 3600 } }
  }

  private set(change: Partial<DeviceUpdate>): void {
    if (this.update) this.update = { ...this.update, ...change }
    this.wake()
  }

  private wake(): void {
    for (const listener of [...this.wakers]) listener()
  }

  private requireOnline(): void {
    if (!this.online) throw new IotmcError('DEVICE_OFFLINE', { subject: this.udn })
  }
}
