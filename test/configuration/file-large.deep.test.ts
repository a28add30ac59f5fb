/** Files of any content, many of them, and of the largest size that is taken. */
import { describe, expect, it } from 'vitest'
import { readConfigurationFile, writeConfigurationFile } from '../../electron/configuration/file'
import { CONFIGURATION_FORMATS } from '../../electron/contract/configuration'
import { parametersOf } from '../../electron/device/models'
import { code, device, givesBack, staysCalm, udn } from './any-file'

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

  it('gives the window time while it reads', async () => {
    const values = Object.fromEntries(parametersOf('AU-7').map((each) => [each.name, each.default]))
    const text = writeConfigurationFile(
      format,
      Array.from({ length: 500 }, (_, n) => device(n, values)),
    )
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 1)
    await readConfigurationFile(format, text)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(2)
  })
})

const yaml = (text: string) => readConfigurationFile('yaml', text)
const head = `device: ${udn(1)}\nmodel: PX-200\nserial: EX-1\n`

describe('YAML', () => {
  it('of far too many names is refused at once', async () => {
    const names = Array.from({ length: 30_000 }, (_, i) => `  ${i.toString(36)}: \n`).join('')
    // A search in each for each would not end within the time of a test.
    await expect(yaml(`${head}values:\n${names}`)).rejects.toMatchObject(code)
  })

  it.each([
    ['deep lists', `${head}values: ${'['.repeat(50_000)}\n`],
    ['deep blocks', `${head}values: \n  ${'- '.repeat(50_000)}x\n`],
    ['deep keys', `${head}values: \n  ${'? '.repeat(50_000)}x\n`],
  ])('is refused with very %s', async (_what, text) => {
    await expect(yaml(text)).rejects.toMatchObject(code)
  })
})
