/** Files of the largest size that is taken. */
import { describe, expect, it } from 'vitest'
import { readConfigurationFile, writeConfigurationFile } from '../../electron/configuration/file'
import type { FileDevice } from '../../electron/configuration/file-rules'
import { CONFIGURATION_FORMATS } from '../../electron/contract/configuration'
import { parametersOf } from '../../electron/device/models'

const device = (n: number, values: Record<string, string>): FileDevice => ({
  udn: `uuid:00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
  model: 'PX-200',
  serial: `EX-${n}`,
  values,
})
const code = { code: 'FILE_INVALID' }

describe.each(CONFIGURATION_FORMATS)('a file of the form %s', (format) => {
  it('takes five thousand devices and not one more', async () => {
    const values = Object.fromEntries(parametersOf('AU-7').map((each) => [each.name, each.default]))
    const many = Array.from({ length: 5000 }, (_, n) => device(n, values))
    const text = writeConfigurationFile(format, many)
    expect(await readConfigurationFile(format, text)).toHaveLength(5000)
    const more = writeConfigurationFile(format, [...many, device(5000, {})])
    await expect(readConfigurationFile(format, more)).rejects.toMatchObject(code)
  }, 60_000)
})
