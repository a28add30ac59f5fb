/** Opens what is at the end of a cable, for work outside the station's lanes. */
import { IotmcError } from '../contract/errors'
import { FactoryDevice } from '../factory/factory-device'
import type { Clock } from '../net/clock'
import { openLink } from '../serial/link'
import { SmpSession } from '../serial/smp-session'

/** Errors: SERIAL_PORT_BUSY while the station has the port, those of the port, SERIAL_SILENT, NOT_SMP. */
export const openSerialDevice = async (
  clock: Clock,
  path: string,
  portInUse: (path: string) => boolean,
  signal: AbortSignal,
): Promise<FactoryDevice> => {
  if (portInUse(path))
    throw new IotmcError('SERIAL_PORT_BUSY', { subject: path, detail: 'the station uses it' })
  const link = await openLink(path, { signal })
  try {
    return new FactoryDevice(await SmpSession.open(link, { clock, signal }))
  } catch (thrown) {
    await link.close()
    throw thrown
  }
}
