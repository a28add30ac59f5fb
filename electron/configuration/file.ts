/** Configurations of several devices as a file that people edit: CSV for a table, YAML for a text editor. */
import type { ConfigurationFormat } from '../contract/configuration'
import { IotmcError } from '../contract/errors'
import { CONFIGURE_LIMITS } from '../contract/timings'
import { readCsv, writeCsv } from './csv'
import type { FileDevice } from './file-rules'
import { readYaml, writeYaml } from './yaml'

/** The file's text. What is written can be read back to the same. */
export const writeConfigurationFile = (
  format: ConfigurationFormat,
  devices: readonly FileDevice[],
): string => (format === 'csv' ? writeCsv(devices) : writeYaml(devices))

/** Errors: FILE_INVALID with the place and the reason. Gives way to other work now and then. */
export const readConfigurationFile = async (
  format: ConfigurationFormat,
  text: string,
): Promise<readonly FileDevice[]> => {
  if (text.length > CONFIGURE_LIMITS.fileMaxChars)
    throw new IotmcError('FILE_INVALID', {
      detail: `longer than ${CONFIGURE_LIMITS.fileMaxChars} characters`,
    })
  const devices = await (format === 'csv' ? readCsv(text) : readYaml(text))
  if (devices.length === 0) throw new IotmcError('FILE_INVALID', { detail: 'it names no device' })
  return devices
}
