/** What an update over a cable needs of the world. */
import type { Manifest } from '../contract/firmware'
import type { Clock } from '../net/clock'
import type { SmpSession } from '../serial/smp-session'

/** A device at the end of a cable; `FactoryDevice` is one. */
export interface SerialEnd {
  readonly session: SmpSession
}

/** A bundle of the library, as far as a cable needs it. */
export interface SerialBundle {
  readonly manifest: Manifest
  /** Where its image lies on this laptop. */
  readonly imagePath: string
  /** SubjectPublicKeyInfo (DER) of each key that may have signed the image: those of the certificates in its signature. */
  readonly keys: readonly Buffer[]
}

export interface UpdateSerialTools {
  readonly clock: Clock
  /** Errors: SERIAL_PORT_BUSY while the station has the port, those of the port, SERIAL_SILENT, NOT_SMP. */
  openSerial(path: string, signal: AbortSignal): Promise<SerialEnd>
  /** Errors: FROZEN where the device with this identity is leaving the site. */
  requireFree(who: { readonly udn?: string | undefined; readonly serialNumber?: string | undefined }): void
  /** Undefined when the library has it no more. Errors: what is wrong with the bundle now (SIGNER_REFUSED …). */
  bundle(id: string): SerialBundle | undefined
}

/** When the device is asked again, and for how long, after it was told to restart: a bootloader may swap for minutes. */
export const SERIAL_RESTART = { withinMs: 180_000, askEveryMs: 1_000, orderAgainMs: 20_000 } as const

/** An image on trial has to be running still after so long before anybody keeps it. */
export const SERIAL_SETTLE_MS = 3_000
