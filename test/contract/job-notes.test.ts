import { expect, test } from 'vitest'
import {
  JOB_NOTE_CODES,
  jobNote,
  jobNoteSchema,
  jobNoteText,
  stepNote,
} from '../../electron/contract/job-notes'

const VALUES = Object.fromEntries(
  'count version left from to number lost at bytes before'
    .split(' ')
    .map((name, index) => [name, 100 + index]),
)

test.each(JOB_NOTE_CODES)('%s: both languages say the same values, and nothing is left open', (code) => {
  const [en = '', de = ''] = (['en', 'de'] as const).map((language) =>
    jobNoteText({ code, values: VALUES }, language),
  )
  const said = (text: string) => (text.match(/\b1\d\d\b/g) ?? []).sort()
  expect(said(de)).toEqual(said(en))
  for (const text of [en, de]) {
    expect(text).not.toMatch(/[{}]|undefined/)
    expect(text.trim()).not.toBe('')
    expect(text.length).toBeLessThanOrEqual(200)
  }
})

test('a step says its note in the language of who looks; a text from before stays as it is', () => {
  const told = jobNoteSchema.parse(JSON.parse(JSON.stringify(jobNote('parameters', { count: 3 }))))
  expect(stepNote({ note: '3 parameters', told }, 'de')).toBe('3 Parameter')
  expect(stepNote({ note: '3 parameters', told }, 'en')).toBe('3 parameters')
  expect(stepNote({ note: '3 parameters' }, 'de')).toBe('3 parameters')
  expect(stepNote({ note: 'words of a newer program', told: { code: 'newer', values: {} } }, 'de')).toBe(
    'words of a newer program',
  )
  expect(stepNote({}, 'de')).toBeUndefined()
})
