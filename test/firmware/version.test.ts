import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions, isVersion } from '../../electron/firmware/version'

describe('versions', () => {
  // The order of precedence that semver.org 2.0.0 §11 gives as its example, and numbers that text would order wrongly.
  const GROWING = [
    'unknown',
    '0.9.0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.9.0',
    '1.10.0',
    '2.0.0',
    '10.0.0',
    '999999999.0.0',
  ]

  it('are ordered by precedence', () => {
    for (const [i, a] of GROWING.entries())
      for (const [j, b] of GROWING.entries()) expect(Math.sign(compareVersions(a, b))).toBe(Math.sign(i - j))
  })

  it('are the same where only the build differs', () => {
    expect(compareVersions('1.2.3+one', '1.2.3+two')).toBe(0)
    expect(compareVersions('1.2.3+one', '1.2.3')).toBe(0)
  })

  it.each([
    '',
    '1.2',
    'v1.2.3',
    ' 1.2.3',
    '1.2.3 ',
    '01.2.3',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a..b',
    '=1.2.3',
    `1.2.3-${'a'.repeat(40)}`,
  ])('%o is none', (text) => {
    expect(isVersion(text)).toBe(false)
    expect(compareVersions(text, '0.0.1')).toBeLessThan(0)
  })

  it('are in a total order, whatever devices call theirs', () => {
    const version = fc.oneof(
      fc.constantFrom(...GROWING, '1.2', 'v1.2.3', '1.0.0+x'),
      fc.string({ maxLength: 8 }),
    )
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0)
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})
