/** Serves the built page under a scheme of its own: real headers, one origin, and no file:// in the page's reach. */
import { protocol, type Session } from 'electron'
import { PAGE_CSP } from './csp'
import { fileForUrl, PAGE_SCHEME } from './page-path'

/** Must run before the app is ready. */
export const declarePageScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ])

const HEADERS = {
  'content-security-policy': PAGE_CSP,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
}
/** Chromium's net error for a file that is not there. */
const FILE_NOT_FOUND = -6

/**
 * Answers requests for the page's scheme from `folder`; what is not a file in it fails.
 * The older of Electron's two ways on purpose: it reads the files natively, while `protocol.handle` loads Node's fetch
 * before the first byte of the page (a tenth of a cold start).
 */
export const servePage = (session: Session, folder: string): void => {
  session.protocol.registerFileProtocol(PAGE_SCHEME, ({ url, method }, answer) => {
    const found = method === 'GET' ? fileForUrl(url, folder) : undefined
    if (found === undefined) answer({ error: FILE_NOT_FOUND })
    else answer({ path: found.file, headers: { ...HEADERS, 'content-type': found.type } })
  })
}
