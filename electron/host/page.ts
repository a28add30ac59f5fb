/** Serves the built page under a scheme of its own: real headers, one origin, and no file:// in the page's reach. */
import { readFile } from 'node:fs/promises'
import { protocol, type Session } from 'electron'
import { PAGE_CSP } from './csp'
import { fileForUrl, PAGE_SCHEME } from './page-path'

/** Must run before the app is ready. */
export const declarePageScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ])

/** Answers requests for the page's scheme from `folder`; anything that is not a file in it gets 404. */
export const servePage = (session: Session, folder: string): void => {
  session.protocol.handle(PAGE_SCHEME, async ({ url, method }) => {
    const found = method === 'GET' ? fileForUrl(url, folder) : undefined
    const body = found && (await readFile(found.file).catch(() => undefined))
    if (found === undefined || body === undefined) return new Response('', { status: 404 })
    return new Response(new Uint8Array(body), {
      headers: {
        'content-type': found.type,
        'content-security-policy': PAGE_CSP,
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      },
    })
  })
}
