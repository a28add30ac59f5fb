/** The parts of Electron's frame that tell where a call comes from. */
export interface Frame {
  readonly url: string
  readonly parent: unknown
}

/** Whether a call comes from the main frame of a page of ours; an embedded, foreign or vanished frame is refused. */
export const isOwnFrame = (frame: Frame | null | undefined, isOwnUrl: (url: string) => boolean): boolean =>
  frame !== null && frame !== undefined && frame.parent === null && isOwnUrl(frame.url)
