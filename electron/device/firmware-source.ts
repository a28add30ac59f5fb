/** Where firmware comes from, as the agent needs it; the device's is `firmware-repository.ts`, tests have their own. */
export interface FirmwareWish {
  readonly model: string
  readonly hardwareRevision: string
  readonly currentVersion: string
  readonly wantedVersion: string
}

/** The answer to GetFirmwareInfo, checked. Size in bytes, checksum as 64 hex digits; addresses on the controller itself. */
export interface FirmwareOffer {
  readonly version: string
  readonly size: number
  readonly checksum: string
  readonly securityVersion: number
  readonly manifestUrl: string
  readonly signatureUrl: string
  readonly imageUrl: string
}

/** Takes an image part by part. */
export interface ImageSink {
  /** Told once before the first part: where in the image it lies. 0 where the server begins anew. */
  begin(at: number, totalBytes: number): void
  take(part: Buffer): void | Promise<void>
}

export interface FirmwareSource {
  /** Whether a controller is known at all; without one nothing is tried and nothing counts as a failure. */
  ready(): boolean
  /** Errors: VERSION_NOT_OFFERED, and those of the connection. */
  info(wish: FirmwareWish, signal: AbortSignal): Promise<FirmwareOffer>
  /** A small document whole. BAD_ANSWER where it is larger. */
  document(url: string, maxBytes: number, signal: AbortSignal): Promise<Buffer>
  /** The image from `offset` on, as long as it still has this hash; else from the start. Resolves at its end. */
  image(offer: FirmwareOffer, offset: number, sink: ImageSink, signal: AbortSignal): Promise<void>
}
