import { expect, it } from 'vitest'
import { fileForUrl, isOwnUrl } from '../../electron/host/page-path'

const FOLDER = '/app/out/renderer'

it.each([
  ['iotmc://app/index.html', `${FOLDER}/index.html`, 'text/html; charset=utf-8'],
  ['iotmc://app/assets/main-1a2b.js?x#y', `${FOLDER}/assets/main-1a2b.js`, 'text/javascript; charset=utf-8'],
  ['iotmc://app/assets/inter%20latin.woff2', `${FOLDER}/assets/inter latin.woff2`, 'font/woff2'],
])('%s is a file of the page', (url, file, type) => {
  expect(fileForUrl(url, FOLDER)).toEqual({ file, type })
})

it.each([
  'iotmc://app/',
  'iotmc://app/secret.pem',
  'iotmc://app/..%2f..%2fpackage.js',
  'iotmc://app/%2e%2e/%2e%2e/etc/x.js',
  'iotmc://app/..%5c..%5cx.js',
  'iotmc://app/a%00.js',
  'iotmc://app/%zz.js',
  'iotmc://other/index.html',
  'file:///app/out/renderer/index.html',
  'not a url',
])('%s is not served from outside the folder', (url) => {
  const found = fileForUrl(url, FOLDER)
  if (found !== undefined) expect(found.file.startsWith(`${FOLDER}/`)).toBe(true)
  else expect(found).toBeUndefined()
})

it('the development server is ours only while there is one', () => {
  expect(isOwnUrl('http://localhost:5173/', 'http://localhost:5173')).toBe(true)
  expect(isOwnUrl('http://localhost:5174/', 'http://localhost:5173')).toBe(false)
  expect(isOwnUrl('http://localhost:5173/')).toBe(false)
})
