/** Calls about devices on the network. */
import type { ControllerApi } from './controller-api'
import type { DeviceFeed } from './device-feed'
import type { Handlers } from './dispatch'

export type DeviceCalls =
  | 'devices.open'
  | 'devices.search'
  | 'devices.identify'
  | 'devices.verify'
  | 'discovery.missing'

/** `devices.open` starts the feed; the rows come as `devices.delta` events. */
export const deviceHandlers = (controller: ControllerApi, feed: DeviceFeed): Pick<Handlers, DeviceCalls> => ({
  'devices.open': () => feed.open(),
  'devices.search': () => controller.search(),
  'devices.identify': ({ udn, seconds }) => controller.identify(udn, seconds),
  'devices.verify': ({ udn }) => controller.verify(udn),
  'discovery.missing': () => controller.missing(),
})
