/** The content security policy of the window's page. It is sent as a header and stands in index.html as well. */

const STRICT = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'font-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-src': "'none'",
  'object-src': "'none'",
  'frame-ancestors': "'none'",
} as const

const text = (policy: Record<string, string>): string =>
  Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ')

/** Policy of the built page: nothing from outside, no inline or evaluated script, no connections. */
export const PAGE_CSP = text(STRICT)

/** Policy while a Vite server of the same machine serves the page: it injects a script and reloads by WebSocket. */
export const devCsp = (serverUrl: string): string => {
  const { host } = new URL(serverUrl)
  return text({
    ...STRICT,
    'script-src': "'self' 'unsafe-inline'",
    'style-src': "'self' 'unsafe-inline'",
    'connect-src': `'self' ws://${host}`,
  })
}
