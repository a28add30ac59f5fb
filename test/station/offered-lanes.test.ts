import { expect, it } from 'vitest'
import { offeredLanes } from '../../electron/station/offered-lanes'

const OLD = ['tcp:127.0.0.1:40001', 'tcp:127.0.0.1:40002']
const NEW = ['tcp:127.0.0.1:50001', 'tcp:127.0.0.1:50002']

it.each([
  ['a line without lanes gets all of them', [], NEW],
  ['paths of an earlier run are replaced', OLD, NEW],
  ['other ports keep their places', ['/dev/ttyUSB0', ...OLD, 'COM3'], ['/dev/ttyUSB0', ...NEW, 'COM3']],
  ['one place gets the newest', [OLD[0] ?? '', 'COM3'], [NEW[1], 'COM3']],
  ['a place too many goes', [...OLD, 'tcp:127.0.0.1:40003'], NEW],
])('%s', (_, lanes, expected) => {
  expect(offeredLanes(lanes, NEW)).toEqual(expected)
})

it.each([
  ['ports that a person has set', ['/dev/ttyUSB0', 'tcp:192.0.2.7:4001']],
  ['the same paths', NEW],
  ['the same paths in another order', [...NEW].reverse()],
])('%s are left alone', (_, lanes) => {
  expect(offeredLanes(lanes, NEW)).toBeUndefined()
})
