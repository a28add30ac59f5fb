/** A slow connection for images, so that a download on one machine can be watched as on a real network. */
import type { Clock } from '../net/clock'
import { delay } from '../net/clock'
import type { FirmwareSource, ImageSink } from './firmware-source'

/** The same source, its images at no more than so many bytes each second; as fast as it can be without a rate. */
export const slowedTo = (
  source: FirmwareSource,
  bytesPerS: number | undefined,
  clock: Clock,
): FirmwareSource => {
  if (bytesPerS === undefined) return source
  const slowed = (sink: ImageSink, signal: AbortSignal): ImageSink => ({
    begin: (at, totalBytes) => sink.begin(at, totalBytes),
    take: async (part) => {
      await delay(clock, (part.length / bytesPerS) * 1000, signal)
      await sink.take(part)
    },
  })
  return {
    ready: () => source.ready(),
    info: (wish, signal) => source.info(wish, signal),
    document: (url, maxBytes, signal) => source.document(url, maxBytes, signal),
    image: (offer, offset, sink, signal) => source.image(offer, offset, slowed(sink, signal), signal),
  }
}
