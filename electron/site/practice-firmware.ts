/** Firmware of the practice site. */
import { asIotmcError } from '../contract/errors'
import { makePracticeBundles } from '../firmware/practice-bundles'
import type { DataPaths } from '../store/paths'
import type { Log } from './events'
import type { FirmwareDesk } from './firmware-desk'

/** Firmware to try: made once, and put into the library where it is missing. Never rejects. */
export const addPracticeBundles = async (
  { practiceFactory, firmwareFolder }: DataPaths,
  desk: () => FirmwareDesk | undefined,
  log: Log,
): Promise<void> => {
  try {
    for (const path of await makePracticeBundles(`${firmwareFolder}-samples`, practiceFactory, new Date()))
      await desk()?.add(path)
  } catch (thrown) {
    log.warn({ code: asIotmcError(thrown).code }, 'the practice bundles were not added')
  }
}
