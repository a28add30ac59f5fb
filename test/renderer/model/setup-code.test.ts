import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SETUP_CODE } from '../../../electron/contract/timings'
import { CODE_LENGTH, codeProblem, groupCode, readCode, shapeCode } from '../../../renderer/model/setup-code'

describe('a setup code', () => {
  it('has the length that devices use', () => expect(CODE_LENGTH).toBe(SETUP_CODE.length))

  it.each(['gtk1-7ze5', ' GTK1 7ZE5 ', 'GTKI7ZE5', 'gtkl-7ze5'])('is understood as typed: "%s"', (typed) =>
    expect(readCode(typed)).toBe('GTK17ZE5'),
  )

  it('reads O as 0', () => expect(readCode('ooOO')).toBe('0000'))

  it.each([
    ['empty', ' - '],
    ['short', 'GTK17ZE'],
    ['symbol', 'GTKU7ZE5'],
    ['symbol', 'GTK!'],
    [undefined, 'GTK1-7ZE5'],
  ] as const)('is judged %s: "%s"', (problem, typed) => expect(codeProblem(typed)).toBe(problem))

  it('is grouped as on the label while it is typed, the caret behind the last key', () => {
    let text = ''
    for (const key of 'gtki7ze5') {
      const shaped = shapeCode(`${text}${key}`, text.length + 1)
      text = shaped.text
      expect(shaped.caret).toBe(text.length)
    }
    expect(text).toBe('GTK1-7ZE5')
  })

  it('takes a key in the middle without moving the caret to the end', () => {
    expect(shapeCode('GXTK1-7ZE', 2)).toEqual({ text: 'GXTK-17ZE', caret: 2 })
    expect(shapeCode('GTK1X-7ZE', 5)).toEqual({ text: 'GTK1-X7ZE', caret: 6 })
  })

  it('never grows beyond its length, and a caret never leaves the text', () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.nat(40), (typed, at) => {
        const { text, caret } = shapeCode(typed, Math.min(at, typed.length))
        expect(readCode(text).length).toBeLessThanOrEqual(CODE_LENGTH)
        expect(caret).toBeLessThanOrEqual(text.length)
        expect(groupCode(readCode(text))).toBe(text)
      }),
    ))
})
