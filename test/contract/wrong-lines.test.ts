import { expect, test } from 'vitest'
import { WRONG_REASONS, wrongLineText } from '../../electron/contract/wrong-lines'

test.each(WRONG_REASONS)('%s is told in both languages, with the same value', (reason) => {
  const [en, de] = (['en', 'de'] as const).map((language) =>
    wrongLineText({ line: 7, column: 'name', reason, value: '"x 12"' }, language),
  )
  expect(en).toMatch(/^line 7: name: \S/)
  expect(de).toMatch(/^Zeile 7: name: \S/)
  expect(en?.includes('"x 12"')).toBe(de?.includes('"x 12"'))
  for (const text of [en, de]) expect(text).not.toMatch(/[{}]/)
})
