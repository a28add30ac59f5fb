import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../../renderer/theme/tokens.css', import.meta.url), 'utf8')

const tokensOf = (block: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
  )

/** The tokens that a rule with exactly this selector sets. */
const rule = (selector: string): Readonly<Record<string, string>> => {
  const [, block] = css.split(`\n${selector} {`)
  if (block === undefined) throw new Error(`tokens.css has no rule for ${selector}`)
  return tokensOf(block.split('\n}')[0] ?? '')
}

const light = rule(':root')
const dark = { ...light, ...rule(':root[data-theme="dark"]') }
const themes = { light, dark }
const strong = {
  light: { ...light, ...rule(':root [data-contrast="strong"]') },
  dark: { ...dark, ...rule(':root[data-theme="dark"] [data-contrast="strong"]') },
}

const luminance = (color: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const contrast = (a: string, b: string): number => {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

/** Text and the grounds that it stands on somewhere in the window. */
const TEXT_ON: Readonly<Record<string, readonly string[]>> = {
  ink: [
    'ground',
    'panel',
    'sunken',
    'accent-soft',
    'neutral-soft',
    'ok-soft',
    'warn-soft',
    'bad-soft',
    'info-soft',
  ],
  mute: ['ground', 'panel', 'sunken', 'accent-soft', 'neutral-soft', 'warn-soft'],
  accent: ['panel', 'ground', 'accent-soft'],
  ok: ['panel', 'ok-soft'],
  warn: ['panel', 'warn-soft'],
  bad: ['panel', 'bad-soft'],
  info: ['panel', 'info-soft'],
  'on-accent': ['accent', 'accent-strong'],
}

describe.each(Object.entries(themes))('%s theme', (_, tokens) => {
  it.each(
    Object.entries(TEXT_ON).flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const)),
  )('%s on %s has a contrast of 4.5 or more', (text, ground) =>
    expect(contrast(tokens[text] ?? '', tokens[ground] ?? '')).toBeGreaterThanOrEqual(4.5),
  )

  it('draws the edges of fields with a contrast of 3 or more', () =>
    expect(contrast(tokens['line-strong'] ?? '', tokens.panel ?? '')).toBeGreaterThanOrEqual(3))

  it('draws the lines of a chart with a contrast of 3 or more, each in a colour of its own', () => {
    const colours = Array.from({ length: 10 }, (_, at) => tokens[`series-${at + 1}`] ?? '')
    expect(new Set(colours).size).toBe(10)
    for (const colour of colours) expect(contrast(colour, tokens.panel ?? '')).toBeGreaterThanOrEqual(3)
  })
})

/** What is read from two metres, and its grounds. */
const STRONG_ON: Readonly<Record<string, readonly string[]>> = {
  ink: ['ground', 'panel', 'sunken', 'neutral-soft', 'accent-soft', 'bad-soft'],
  mute: ['ground', 'panel', 'sunken', 'neutral-soft'],
  accent: ['panel', 'ground', 'accent-soft'],
  ok: ['panel', 'ok-soft'],
  warn: ['panel', 'warn-soft'],
  bad: ['panel', 'bad-soft'],
  info: ['panel', 'run', 'run-done'],
  'on-accent': ['accent', 'accent-strong'],
  'on-pass': ['pass'],
  'on-fail': ['fail'],
  'on-stop': ['stop'],
}

describe.each(Object.entries(strong))('%s theme, read from two metres', (_, tokens) => {
  it.each(
    Object.entries(STRONG_ON).flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const)),
  )('%s on %s has a contrast of 7 or more', (text, ground) =>
    expect(contrast(tokens[text] ?? '', tokens[ground] ?? '')).toBeGreaterThanOrEqual(7),
  )

  it.each(['pass', 'fail', 'stop', 'run'])('the edge of %s stands out from the ground', (state) =>
    expect(contrast(tokens[`${state}-edge`] ?? '', tokens.ground ?? '')).toBeGreaterThanOrEqual(3),
  )
})
