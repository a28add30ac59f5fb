import { expect, test } from 'vitest'
import { ERROR_TEXTS, explain } from '../../electron/contract/error-texts'
import { ERROR_CODES } from '../../electron/contract/errors'

const cases = (['en', 'de'] as const).flatMap((language) => ERROR_CODES.map((code) => ({ language, code })))

test.each(cases)(
  '$code in $language: three plain sentences, with and without a subject',
  ({ language, code }) => {
    for (const subject of [undefined, ' ', 'TH-10 SN-1', '$& {detail}']) {
      const { what, state, next } = explain(code, language, subject)
      for (const sentence of [what, state, next]) {
        expect(sentence).toMatch(/^\S.*[.!]$/)
        expect(sentence).not.toContain('{subject}')
        if (!subject?.includes('{')) expect(sentence).not.toMatch(/[{}]/)
        expect(sentence.length).toBeLessThan(170)
      }
      expect(`${what}${state}${next}`).not.toMatch(/[A-Z]+_[A-Z]+|undefined/)
    }
  },
)

test.each(cases)('$code in $language has no placeholder but {subject}', ({ language, code }) => {
  const placeholders =
    Object.values(ERROR_TEXTS[language][code])
      .join(' ')
      .match(/\{.*?\}/g) ?? []
  expect(placeholders.filter((one) => one !== '{subject}')).toEqual([])
})

test('a subject is taken as it is, a missing one becomes a noun or is left out', () => {
  expect(explain('TIMED_OUT', 'en', 'uuid:1').what).toBe('uuid:1 did not answer in time.')
  expect(explain('TIMED_OUT', 'en').what).toBe('The device did not answer in time.')
  expect(explain('TIMED_OUT', 'de').what).toBe('Das Gerät hat nicht rechtzeitig geantwortet.')
  expect(explain('FILE_INVALID', 'de').what).toBe('Die Datei ist für diesen Zweck nicht lesbar.')
  expect(explain('DATA_DAMAGED', 'en').what).toBe('A file of this site is damaged.')
  expect(explain('GROUP_UNKNOWN', 'de', 'Halle 3').what).toBe('Diese Gruppe gibt es nicht: Halle 3.')
})

test('no two codes are told in the same words', () => {
  for (const language of ['en', 'de'] as const) {
    const told = ERROR_CODES.map((code) => explain(code, language).what)
    expect(new Set(told).size).toBe(told.length)
  }
})
