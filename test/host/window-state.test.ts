import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  placeOnScreen,
  readWindowState,
  WINDOW_SIZE,
  writeWindowState,
} from '../../electron/host/window-state'
import { makeTempDir } from '../helpers/temp-dir'

const FRESH = { bounds: undefined, maximized: false, theme: 'system' }
let dir: ReturnType<typeof makeTempDir>
beforeEach(() => {
  dir = makeTempDir()
})
afterEach(() => dir.remove())

it('comes back as it was written, in a folder that did not exist', () => {
  const path = join(dir.path, 'data', 'window.json')
  const state = {
    bounds: { x: -5, y: 10, width: 1400, height: 800 },
    maximized: true,
    theme: 'dark',
  } as const
  writeWindowState(path, state)
  expect(readWindowState(path)).toEqual(state)
  expect(readdirSync(join(dir.path, 'data'))).toEqual(['window.json'])
})

it.each([
  '',
  'null',
  '7',
  '[]',
  '{"bounds":{"x":"a"},"theme":"pink","maximized":1}',
  '{"bounds":{"x":1e9,"y":0,"width":1,"height":1}}',
])('a damaged file (%s) gives the defaults', (text) => {
  const path = join(dir.path, 'window.json')
  writeFileSync(path, text)
  expect(readWindowState(path)).toEqual(FRESH)
})

it('a place that cannot be written does not throw', () => {
  mkdirSync(join(dir.path, 'window.json'))
  expect(() =>
    writeWindowState(join(dir.path, 'window.json'), { ...FRESH, theme: 'dark' } as never),
  ).not.toThrow()
})

const laptop = { x: 0, y: 0, width: 1366, height: 740 }
const size = { width: WINDOW_SIZE.width, height: WINDOW_SIZE.height }

it.each([
  ['nothing remembered', undefined, size],
  ['a screen that is gone', { x: 1400, y: 0, width: 1366, height: 768 }, size],
  ['smaller than the least', { x: 0, y: 0, width: 200, height: 100 }, size],
  ['mostly off the screen', { x: 1300, y: 0, width: 1366, height: 768 }, size],
])('%s: default size, placed by the system', (_what, bounds, expected) => {
  expect(placeOnScreen(bounds, [laptop])).toEqual(expected)
})

it('a reachable place is kept, also on a second screen', () => {
  const bounds = { x: 1500, y: 50, width: 1400, height: 800 }
  expect(placeOnScreen(bounds, [laptop, { x: 1366, y: 0, width: 1920, height: 1080 }])).toEqual(bounds)
})
