/** Calls about firmware: the library, rollouts, single devices, and updates over a cable. */
import type { ControllerApi } from './controller-api'
import type { Handlers } from './dispatch'

type FirmwareCalls = Extract<keyof Handlers, `firmware.${string}`>

export const firmwareHandlers = (controller: ControllerApi): Pick<Handlers, FirmwareCalls> => {
  const desk = () => controller.firmware()
  return {
    'firmware.library': () => desk().bundles(),
    'firmware.add': ({ path }) => controller.addFirmware(path),
    'firmware.remove': ({ bundleId }) => desk().remove(bundleId),
    'firmware.fits': ({ bundleId }) => desk().fits(bundleId),
    'firmware.start': (plan) => desk().start(plan),
    'firmware.rollouts': () => desk().rollouts(),
    'firmware.board': ({ rolloutId }) => desk().board(rolloutId),
    'firmware.pause': ({ rolloutId }) => desk().pause(rolloutId),
    'firmware.resume': ({ rolloutId }) => desk().resume(rolloutId),
    'firmware.stop': ({ rolloutId, when }) => desk().stop(rolloutId, when),
    'firmware.retry': ({ rolloutId }) => desk().retry(rolloutId),
    'firmware.status': ({ udn }) => desk().status(udn),
    'firmware.confirm': ({ udns }) => {
      controller.life().decommissions.requireFree('update', udns)
      return desk().confirm(udns)
    },
    'firmware.revert': ({ udns }) => {
      controller.life().decommissions.requireFree('update', udns)
      return desk().revert(udns)
    },
    'firmware.lookSerial': ({ path }) => desk().lookSerial(path),
    'firmware.updateSerial': (request) => desk().updateSerial(request),
  }
}
