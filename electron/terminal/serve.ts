/** `serve`: keeps the site's controller on the network, without a window, until it is told to stop. */
import { IotmcError } from '../contract/errors'
import { DEVICE_TYPE } from '../contract/names'
import { Discovery } from '../discovery/discovery'
import { systemClock } from '../net/clock'
import { printJson, printLine } from './output'
import { type SiteOptions, withController } from './with-controller'

const HEARD_WITHIN_MS = 15_000

/** Opens the site and stays until SIGTERM or Ctrl+C. Its one line comes when the controller was heard on the network. */
export const serve = (options: SiteOptions): Promise<void> =>
  withController(options, async (controller) => {
    const stop = new AbortController()
    const end = (): void => stop.abort()
    process.once('SIGTERM', end)
    process.once('SIGINT', end)
    const { controllerUdn: udn = '' } = controller.status()
    const interfaces = options.interface ?? controller.settings().interfaces
    const place = await heardOnNetwork(udn, interfaces, stop.signal)
    if (place && options.json) printJson({ event: 'ready', udn, ...place, pid: process.pid })
    else if (place) printLine(`${udn}  ${place.secureLocation}`)
    if (!stop.signal.aborted)
      await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }))
  })

interface Place {
  readonly location: string
  readonly secureLocation: string
}

/** Where the controller says that it is; undefined when `stop` comes first. Errors: NETWORK_UNAVAILABLE when it stays unheard. */
const heardOnNetwork = async (
  udn: string,
  interfaces: readonly string[],
  stop: AbortSignal,
): Promise<Place | undefined> => {
  const ear = new Discovery({
    clock: systemClock,
    interfaces,
    allowOffSubnet: false,
    mxS: 1,
    searchTargets: [DEVICE_TYPE.controller],
    readDescription: () => Promise.reject(new IotmcError('CANCELLED')),
  })
  const within = AbortSignal.timeout(HEARD_WITHIN_MS)
  const place = (): Place | undefined => {
    const { location, secureLocation } = ear.get(udn)?.addresses.find((entry) => entry.secureLocation) ?? {}
    return location && secureLocation ? { location, secureLocation } : undefined
  }
  try {
    await ear.start()
    ear.search()
    await new Promise<void>((resolve) => {
      const signal = AbortSignal.any([stop, within])
      const look = (): void => {
        if (place() || signal.aborted) resolve()
      }
      ear.on('changed', look)
      signal.addEventListener('abort', look, { once: true })
      look()
    })
    const found = place()
    if (found || stop.aborted) return found
    throw new IotmcError('NETWORK_UNAVAILABLE', {
      detail: 'the controller does not hear itself on any interface',
    })
  } finally {
    await ear.stop()
  }
}
