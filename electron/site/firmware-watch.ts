/** What devices say of their firmware: asked with GetBankStatus, told by events; whoever follows a device is woken. */
import { z } from 'zod'
import { SLOTS } from '../contract/banks'
import type { DeviceFirmware } from '../contract/device'
import { IotmcError } from '../contract/errors'
import { type BankStatus, bankStatusSchema, UPDATE_STATES } from '../contract/firmware'
import type { DeviceLink } from '../jobs/device-link'
import type { Clock } from '../net/clock'
import { Wakes } from './wakes'

/** Evented variables of Firmware:1; empty when a device can't be heard any more. */
export interface FirmwareTold {
  readonly updateState?: DeviceFirmware['updateState']
  readonly activeBank?: DeviceFirmware['activeBank']
}

export interface FirmwareWatchOptions {
  readonly clock: Clock
  readonly link: Pick<DeviceLink, 'call'>
  /** The row of a device may look different now. */
  readonly changed: (udns: readonly string[]) => void
}

interface Known {
  readonly facts: DeviceFirmware
  readonly status?: BankStatus
  readonly atMs: number
}

export class FirmwareWatch {
  private readonly known = new Map<string, Known>()
  /** Devices whose events arrive. */
  private readonly heard = new Set<string>()
  private readonly wakes = new Wakes()
  /** Presence as last seen, so that only a change of it wakes. */
  private readonly presence = new Map<string, string>()

  constructor(private readonly options: FirmwareWatchOptions) {}

  /** GetBankStatus, read and kept. Errors: those of the link, BAD_ANSWER. */
  async status(udn: string, signal: AbortSignal): Promise<BankStatus> {
    const answer = await this.options.link.call(udn, 'Firmware', 'GetBankStatus', {}, signal)
    const { status, updateState } = readBankStatus(udn, answer)
    const { activeBank, banks } = status
    this.keep(udn, {
      facts: { activeBank, updateState, banks },
      status,
      atMs: this.options.clock.now(),
    })
    return status
  }

  /** An event of Firmware:1 has come; without values: none come any more. */
  told(udn: string, told: FirmwareTold): void {
    const { activeBank, updateState } = told
    if (!activeBank && !updateState) {
      this.heard.delete(udn)
      return
    }
    const before = this.known.get(udn)
    const facts = {
      activeBank: activeBank ?? before?.facts.activeBank ?? 'A',
      updateState: updateState ?? before?.facts.updateState ?? 'idle',
    }
    const news =
      !this.heard.has(udn) ||
      facts.activeBank !== before?.facts.activeBank ||
      facts.updateState !== before.facts.updateState
    this.heard.add(udn)
    const banks = before?.facts.banks
    this.keep(udn, {
      ...before,
      facts: { ...facts, ...(banks ? { banks } : {}) },
      atMs: before?.atMs ?? this.options.clock.now(),
    })
    if (news) this.wakes.wake([udn])
  }

  /** Any event of a device; `told` is empty when none come any more. */
  heardOf(udn: string, told: { readonly firmware?: FirmwareTold }): void {
    if (told.firmware || Object.keys(told).length === 0) this.told(udn, told.firmware ?? {})
  }

  /** Wakes whoever follows a device whose presence has changed. */
  seen(udn: string, heard: { readonly online: boolean; readonly bootId?: number } | undefined): void {
    const now = `${heard?.online ?? false} ${heard?.bootId ?? ''}`
    if (this.presence.get(udn) === now) return
    this.presence.set(udn, now)
    this.wakes.wake([udn])
  }

  isHeard(udn: string): boolean {
    return this.heard.has(udn)
  }

  onWake(udn: string, listener: () => void): () => void {
    return this.wakes.on(udn, listener)
  }

  facts(udn: string): DeviceFirmware | undefined {
    return this.known.get(udn)?.facts
  }

  /** The last answer of the device in this run. */
  lastStatus(udn: string): { readonly status: BankStatus; readonly atMs: number } | undefined {
    const known = this.known.get(udn)
    return known?.status ? { status: known.status, atMs: known.atMs } : undefined
  }

  private keep(udn: string, known: Known): void {
    const same = JSON.stringify(this.known.get(udn)?.facts) === JSON.stringify(known.facts)
    this.known.set(udn, known)
    if (!same) this.options.changed([udn])
  }
}

const answerSchema = z.object({
  ActiveBank: z.enum(SLOTS),
  Banks: z.string(),
  UpdateState: z.enum(UPDATE_STATES),
  SecurityVersion: z.coerce.number(),
  Update: z.string().optional(),
})

/** Answer of GetBankStatus → its contents. Errors: BAD_ANSWER. */
export const readBankStatus = (
  udn: string,
  answer: Readonly<Record<string, string>>,
): { readonly status: BankStatus; readonly updateState: DeviceFirmware['updateState'] } => {
  try {
    const told = answerSchema.parse(answer)
    const update: unknown = told.Update ? JSON.parse(told.Update) : undefined
    const status = bankStatusSchema.parse({
      activeBank: told.ActiveBank,
      banks: JSON.parse(told.Banks),
      securityVersion: told.SecurityVersion,
      ...(isEmpty(update) ? {} : { update }),
    })
    return { status, updateState: told.UpdateState }
  } catch (cause) {
    throw new IotmcError('BAD_ANSWER', {
      subject: udn,
      detail: 'GetBankStatus is not in its documented form',
      cause,
    })
  }
}

const isEmpty = (update: unknown): boolean =>
  update === undefined || update === null || (typeof update === 'object' && Object.keys(update).length === 0)

/** What a Firmware:1 event says; other services' values are left out. */
export const readFirmwareEvent = (values: Readonly<Record<string, string>>): FirmwareTold => {
  const updateState = UPDATE_STATES.find((entry) => entry === values.UpdateState)
  const activeBank = SLOTS.find((entry) => entry === values.ActiveBank)
  return { ...(updateState ? { updateState } : {}), ...(activeBank ? { activeBank } : {}) }
}
