import { expect, it } from 'vitest'
import { isOwnUrl } from '../../electron/host/page-path'
import { isOwnFrame } from '../../electron/ipc/sender'

const own = (url: string) => isOwnUrl(url)

it('a call from the main frame of our page is taken', () => {
  expect(isOwnFrame({ url: 'iotmc://app/index.html#/devices', parent: null }, own)).toBe(true)
})

it.each([
  ['an embedded frame', { url: 'iotmc://app/index.html', parent: {} }],
  ['a foreign page', { url: 'https://example.org/', parent: null }],
  ['a file', { url: 'file:///tmp/index.html', parent: null }],
  ['another host of our scheme', { url: 'iotmc://other/index.html', parent: null }],
  ['an empty page', { url: 'about:blank', parent: null }],
  ['a frame that is gone', null],
])('a call from %s is refused', (_what, frame) => {
  expect(isOwnFrame(frame, own)).toBe(false)
})
