import { expect, it } from 'vitest'
import { devCsp, PAGE_CSP } from '../../electron/host/csp'

it('the page gets nothing from outside and runs no inline script', () => {
  const policy = Object.fromEntries(PAGE_CSP.split('; ').map((part) => [part.split(' ')[0], part]))
  expect(policy['default-src']).toBe("default-src 'none'")
  expect(policy['script-src']).toBe("script-src 'self'")
  expect(policy['connect-src']).toBe("connect-src 'none'")
  expect(PAGE_CSP).not.toMatch(/unsafe-eval|https?:|\*/)
})

it('the development server is the only exception', () => {
  expect(devCsp('http://localhost:5173/x')).toContain("connect-src 'self' ws://localhost:5173")
})
