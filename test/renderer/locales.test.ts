import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { JOB_STEPS } from '../../electron/contract/job'
import { de } from '../../renderer/locales/de'
import { en } from '../../renderer/locales/en'

const flat = (value: object, prefix = ''): readonly (readonly [key: string, text: string])[] =>
  Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' ? [[prefix + key, inner] as const] : flat(inner as object, `${prefix}${key}.`),
  )

const english = new Map(flat(en))
const german = new Map(flat(de))
const slots = (text = '') => [...text.matchAll(/{{(\w+)/g)].map(([, name]) => name).sort()

const sources = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('locales'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))

describe('texts', () => {
  it('have the same keys in both languages', () =>
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort()))

  it.each([...english])('%s takes the same values in both languages', (key, text) =>
    expect(slots(german.get(key))).toEqual(slots(text)),
  )

  it('are not left empty', () =>
    expect([...english, ...german].filter(([, text]) => text.trim() === '')).toEqual([]))

  it('are all used', () => {
    const code = sources(join(import.meta.dirname, '../../renderer')).join('\n')
    const literal = new Set([...code.matchAll(/'([a-z]\w*(?:\.[\w-]+)+)'/gi)].map(([, key]) => key))
    const patterns = [...code.matchAll(/`([a-z]\w*\.[^`]*\$\{[^`]*)`/gi)].map(
      ([, template = '']) =>
        new RegExp(
          `^${template
            .replace(/\$\{[^}]*\}/g, '\u0000')
            .replace(/[.*+?^()|[\]\\]/g, '\\$&')
            .replaceAll('\u0000', '[\\w-]+')}$`,
        ),
    )
    const unused = [...english.keys()]
      .map((key) => key.replace(/_(zero|one|other)$/, ''))
      .filter((key) => !literal.has(key) && !patterns.some((pattern) => pattern.test(key)))
    expect(unused).toEqual([])
  })

  it('have one German word a thing: widerrufen for certificates, außer Betrieb nehmen for devices', () => {
    const other = [...german].filter(
      ([key, text]) =>
        /still(zu)?leg|stillge|sperrliste|zertifikat[^.]*sperr/i.test(text) ||
        (key.startsWith('endOfLife.') && /sperr/i.test(text)),
    )
    expect(other).toEqual([])
  })

  it('name every step of every job', () => {
    const names = new Set<string>(Object.values(JOB_STEPS).flat())
    expect([...names].filter((name) => !english.has(`jobs.step.${name}`))).toEqual([])
  })
})
