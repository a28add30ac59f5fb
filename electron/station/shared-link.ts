/** A port that outlives the sessions on it: a device is taken out and the next put in while the port stays open. */
import { IotmcError } from '../contract/errors'
import type { ByteLink } from '../serial/link'

/** A link for one session; its `close` ends this use and leaves the port open. */
export const shareLink = (link: ByteLink): ByteLink => {
  const stops = new Set<() => void>()
  let end: (why: IotmcError) => void = () => undefined
  let over: IotmcError | undefined
  const gone = new Promise<IotmcError>((resolve) => {
    end = (why) => {
      over ??= why
      for (const stop of stops) stop()
      stops.clear()
      resolve(over)
    }
  })
  void link.gone.then(end)
  return {
    path: link.path,
    ...(link.baudRate === undefined ? {} : { baudRate: link.baudRate }),
    gone,
    write: (bytes) => (over ? Promise.reject(over) : link.write(bytes)),
    onData: (listener) => {
      if (over) return () => undefined
      const stop = link.onData(listener)
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    close: async () =>
      end(new IotmcError('CANCELLED', { subject: link.path, detail: 'the session was closed' })),
  }
}
