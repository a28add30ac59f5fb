/** The site's controller as the place where firmware comes from, over the proven connection. */
import { IotmcError } from '../contract/errors'
import type { TlsIdentity } from '../net/tls'
import type { ControllerAccess } from './controller-access'
import type { ControllerLink } from './controller-link'
import type { FirmwareSource } from './firmware-source'

export interface RepositoryTools {
  readonly access: () => ControllerAccess | undefined
  readonly identity: () => TlsIdentity | undefined
  /** Whether there is a controller to ask and an anchor to judge it by. */
  readonly hasController: () => boolean
}

/** Each call finds the controller anew: it may have been started again at another address. */
export const controllerFirmware = ({ access, identity, hasController }: RepositoryTools): FirmwareSource => {
  const use = async <T>(signal: AbortSignal, how: (link: ControllerLink) => Promise<T>): Promise<T> => {
    const [now, shown] = [access(), identity()]
    // Between two starts of the device there is nobody to ask, and nothing to show.
    if (!now || !shown) throw new IotmcError('DEVICE_UNKNOWN', { detail: 'no network' })
    return now.use(shown, signal, how)
  }
  return {
    ready: () => access() !== undefined && hasController(),
    info: (wish, signal) => use(signal, (link) => link.firmwareInfo(wish, signal)),
    document: (url, maxBytes, signal) => use(signal, (link) => link.document(url, maxBytes, signal)),
    image: (offer, offset, sink, signal) => use(signal, (link) => link.image(offer, offset, sink, signal)),
  }
}
