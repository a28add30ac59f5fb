/** Gets one image into the standby bank: manifest first and judged, then the bytes, gone on with after each break. */
import { statfs } from 'node:fs/promises'
import { asIotmcError, type ErrorCode, IotmcError } from '../contract/errors'
import type { Manifest } from '../contract/firmware'
import { FIRMWARE_LIMITS, FIRMWARE_TIMINGS } from '../contract/timings'
import { verifyManifest } from '../firmware/cms'
import { parseManifest } from '../firmware/manifest'
import type { Clock, Random } from '../net/clock'
import { delay } from '../net/clock'
import type { BankStore } from './bank-store'
import type { BankWriter } from './bank-writer'
import type { FaultSwitch } from './fault-switch'
import { checkManifest, checkOffer } from './firmware-checks'
import { fillBank, final, isFinal, onDisk } from './firmware-fill'
import type { FirmwareOffer, FirmwareSource } from './firmware-source'
import { throwIfStopped } from './inbox'
import type { DeviceLog } from './log'

/** PEM of whom firmware is taken from, and of what they have revoked. */
export interface FirmwareTrust {
  readonly anchors: readonly string[]
  readonly crls: readonly string[]
}

export interface DownloadTools {
  readonly clock: Clock
  readonly random: Random
  readonly log: DeviceLog
  readonly banks: BankStore
  readonly source: FirmwareSource
  readonly faults: FaultSwitch
  readonly trust: () => FirmwareTrust
  /** What it is and which version runs. */
  readonly facts: () => { model: string; hardwareRevision: string; runningVersion: string }
  /** Bytes free for the state folder; asked of the disk unless told. */
  readonly freeBytes?: () => Promise<number>
}

/** Causes that may be gone at the next attempt. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'DEVICE_UNKNOWN',
  'DEVICE_UNREACHABLE',
  'TLS_REFUSED',
  'TIMED_OUT',
  'BAD_ANSWER',
  'BUSY',
  'CANCELLED',
  'IMAGE_TRUNCATED',
  'ACTION_FAILED',
])
/** How often it is looked for a controller while none is known. */
const NOBODY_MS = 5_000

/** Wait before the attempt after `failures` failed ones, in ms: doubled each time, spread by a quarter. */
export const downloadBackoffMs = (failures: number, fraction: number): number => {
  const { downloadRetryFirstMs: first, downloadRetryMaxMs: max } = FIRMWARE_TIMINGS
  return Math.min(max, first * 2 ** Math.min(30, failures - 1)) * (0.75 + fraction / 2)
}

const freeBytesOf = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

export class FirmwareDownload {
  constructor(
    private readonly tools: DownloadTools,
    /** The manifest was verified and fits this device; the bank is about to be filled. */
    private readonly onAccepted: (manifest: Manifest) => void,
  ) {}

  /** Resolves when the whole image lies in the bank with the right hash. Rejects with the cause that is to be told. */
  async run(version: string, signal: AbortSignal): Promise<void> {
    const { clock, random, log, source } = this.tools
    for (let failures = 0; ; ) {
      while (!source.ready()) await delay(clock, NOBODY_MS, signal)
      const before = this.received()
      try {
        await this.attempt(version, signal)
        return
      } catch (thrown) {
        throwIfStopped(signal)
        const error = asIotmcError(thrown)
        if (isFinal(error) || !PASSING.has(error.code)) throw error
        failures = this.received() > before ? 1 : failures + 1
        log('firmware-retry', {
          code: error.code,
          failures,
          ...(error.detail ? { detail: error.detail } : {}),
        })
        if (failures > FIRMWARE_TIMINGS.downloadRetries)
          throw error.code === 'CANCELLED' ? new IotmcError('DEVICE_UNREACHABLE', { cause: error }) : error
        await delay(clock, downloadBackoffMs(failures, random.fraction()), signal)
      }
    }
  }

  /** Bytes of an image that is being written; 0 where none is. */
  received(): number {
    const { banks } = this.tools
    const { state } = banks.table.banks[banks.standby]
    return state === 'writing' ? banks.write().received : 0
  }

  private async attempt(version: string, signal: AbortSignal): Promise<void> {
    const { source, facts } = this.tools
    const { model, hardwareRevision, runningVersion } = facts()
    const wish = { model, hardwareRevision, currentVersion: runningVersion, wantedVersion: version }
    const offer = await source.info(wish, signal)
    const { manifestMaxBytes, signatureMaxBytes } = FIRMWARE_LIMITS
    const manifestBytes = await source.document(offer.manifestUrl, manifestMaxBytes, signal)
    const signatureBytes = await source.document(offer.signatureUrl, signatureMaxBytes, signal)
    const manifest = await this.judge(manifestBytes, signatureBytes, offer, version)
    throwIfStopped(signal)
    const writer = this.openBank(manifest)
    try {
      onDisk(() => {
        writer.putManifest(manifestBytes, signatureBytes)
        this.onAccepted(manifest)
      })
      await fillBank(this.tools, manifest, offer, writer, signal)
      writer.done()
    } finally {
      writer.close()
    }
  }

  /** Signature before everything else: nothing is read out of a text that nobody vouches for. */
  private async judge(manifestBytes: Buffer, signature: Buffer, offer: FirmwareOffer, version: string) {
    const { banks, trust, clock, facts } = this.tools
    const { anchors, crls } = trust()
    const now = clock.now()
    try {
      await verifyManifest({
        manifest: manifestBytes,
        signature,
        anchors: [...anchors],
        crls: [...crls],
        now,
      })
      const manifest = parseManifest(manifestBytes)
      const freeBytes = await (this.tools.freeBytes ?? (() => freeBytesOf(banks.folder)))()
      const bank = banks.table.banks[banks.standby]
      const receivedBytes = bank.sha256 === manifest.image.sha256 ? this.received() : 0
      const { bankBytes, table } = banks
      checkManifest(manifest, version, { ...facts(), table, bankBytes, freeBytes, receivedBytes })
      checkOffer(offer, manifest)
      return manifest
    } catch (thrown) {
      const error = asIotmcError(thrown)
      // A device has one word for texts that are signed and senseless.
      return final(
        error.code === 'BUNDLE_INVALID'
          ? new IotmcError('IMAGE_INVALID', {
              cause: error,
              ...(error.detail ? { detail: error.detail } : {}),
            })
          : error,
      )
    }
  }

  /** The standby bank, emptied unless it holds the beginning of this very image. */
  private openBank(manifest: Manifest): BankWriter {
    const { banks } = this.tools
    const { version, securityVersion, image } = manifest
    const { state, sha256 } = banks.table.banks[banks.standby]
    if (state !== 'writing' || sha256 !== image.sha256)
      banks.apply({ type: 'write-begun', version, sha256: image.sha256, securityVersion })
    const writer = banks.write()
    if (writer.received > image.size) writer.reset()
    return writer
  }
}
