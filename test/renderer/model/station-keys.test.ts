import { describe, expect, it } from 'vitest'
import { isTyped, keyOfLane, stationKey } from '../../../renderer/model/station-keys'

const press = (key: string, more: object = {}) => ({
  key,
  code: /^\d$/.test(key) ? `Digit${key}` : key,
  altKey: false,
  ctrlKey: false,
  metaKey: false,
  ...more,
})

describe('keys of the station', () => {
  it('F1 to F12 choose a lane', () => {
    expect(stationKey(press('F1'), '')).toEqual({ do: 'choose', lane: 1 })
    expect(stationKey(press('F12'), 'PX')).toEqual({ do: 'choose', lane: 12 })
    expect(stationKey(press('F13'), '')).toBeUndefined()
  })

  it('Alt and a digit choose a lane by the place of the key, 0 is lane 10', () => {
    expect(stationKey(press('¡', { code: 'Digit1', altKey: true }), '')).toEqual({ do: 'choose', lane: 1 })
    expect(stationKey(press('0', { code: 'Numpad0', altKey: true }), '')).toEqual({ do: 'choose', lane: 10 })
    expect(stationKey(press('1'), '')).toBeUndefined()
  })

  it('arrows move the mark; with text in the field left and right move the caret', () => {
    expect(stationKey(press('ArrowLeft'), '')).toEqual({ do: 'move', direction: -1 })
    expect(stationKey(press('ArrowLeft'), 'PX')).toBeUndefined()
    expect(stationKey(press('ArrowDown'), 'PX')).toEqual({ do: 'move', direction: 1 })
  })

  it('P prints only with Ctrl, because serial numbers begin with letters', () => {
    expect(stationKey(press('p', { ctrlKey: true }), '')).toEqual({ do: 'print' })
    expect(stationKey(press('p'), '')).toBeUndefined()
  })

  it('Escape clears; AltGr, which is Ctrl and Alt, types', () => {
    expect(stationKey(press('Escape'), 'PX')).toEqual({ do: 'clear' })
    expect(stationKey(press('7', { altKey: true, ctrlKey: true }), '')).toBeUndefined()
  })

  it('what a scanner types is told from keys that do something', () => {
    expect(isTyped(press('P'))).toBe(true)
    expect(isTyped(press('7'))).toBe(true)
    for (const key of ['Enter', ' ', 'Tab', 'F1', 'Shift']) expect(isTyped(press(key))).toBe(false)
    expect(isTyped(press('p', { ctrlKey: true }))).toBe(false)
  })

  it('the key on a button is the key that chooses the lane', () => {
    for (let lane = 1; lane <= 12; lane += 1)
      expect(stationKey(press(keyOfLane(lane) ?? ''), '')).toEqual({ do: 'choose', lane })
    expect(keyOfLane(13)).toBeUndefined()
  })
})
