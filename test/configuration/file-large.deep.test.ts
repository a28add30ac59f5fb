/** Files of any content, many of them, and of the largest size that is taken. */
import { describe, expect, it } from 'vitest'
import { readConfigurationFile, writeConfigurationFile } from '../../electron/configuration/file'
import { CONFIGURATION_FORMATS } from '../../electron/contract/configuration'
import { parametersOf } from '../../electron/device/models'
import { code, device, givesBack, staysCalm } from './any-file'

describe.each(CONFIGURATION_FORMATS)('a file of the form %s', (format) => {
  it('gives back what was written', () => givesBack(format, 500))

  it('is read from any text without more than FILE_INVALID', () => staysCalm(format, 1000))

  it('takes five thousand devices and not one more', async () => {
    const values = Object.fromEntries(parametersOf('AU-7').map((each) => [each.name, each.default]))
    const many = Array.from({ length: 5000 }, (_, n) => device(n, values))
    const text = writeConfigurationFile(format, many)
    expect(await readConfigurationFile(format, text)).toHaveLength(5000)
    const more = writeConfigurationFile(format, [...many, device(5000, {})])
    await expect(readConfigurationFile(format, more)).rejects.toMatchObject(code)
  }, 60_000)
})
