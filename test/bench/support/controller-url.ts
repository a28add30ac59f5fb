/** Finds a controller on loopback as a device would: by its advertisement. */
import { DEVICE_TYPE } from '../../../electron/contract/names'
import { systemClock } from '../../../electron/net/clock'
import { createFinder } from '../../../electron/site/finder'

const WITHIN_MS = 10_000

/** Its secure description URL. */
export const controllerUrl = async (udn: string): Promise<string> => {
  const finder = createFinder({
    clock: systemClock,
    interfaces: ['lo'],
    allowOffSubnet: () => false,
    mxS: 1,
    searchTargets: [DEVICE_TYPE.controller],
  })
  const found = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the controller does not advertise itself')), WITHIN_MS)
    finder.on('changed', () => {
      const url = finder
        .get(udn)
        ?.addresses.find((entry) => entry.secureLocation?.includes('127.0.0.1'))?.secureLocation
      if (!url) return
      clearTimeout(timer)
      resolve(url)
    })
  })
  await finder.start()
  try {
    return await found
  } finally {
    await finder.stop()
  }
}
