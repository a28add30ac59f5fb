/** What no page may have: permissions, devices, downloads, the network. */
import type { Session } from 'electron'
import { devCsp } from './csp'

const OUTSIDE = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'file:///*', 'ftp://*/*']

/** Denies it all on one session. `devServer` is the only origin let through, and only in development. */
export const restrictSession = (session: Session, devServer: string | undefined): void => {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  for (const event of ['select-serial-port', 'select-hid-device', 'select-usb-device'] as const) {
    // One listener for three overloads: each has the event first and the answer last.
    session.on(event as 'select-serial-port', (happened, _list, _contents, answer) => {
      happened.preventDefault()
      answer('')
    })
  }
  session.on('will-download', (event) => event.preventDefault())
  session.setSpellCheckerEnabled(false)
  const devHost = devServer === undefined ? undefined : new URL(devServer).host
  session.webRequest.onBeforeRequest({ urls: OUTSIDE }, ({ url }, answer) =>
    answer({ cancel: devHost === undefined || new URL(url).host !== devHost }),
  )
  if (devServer === undefined) return
  session.webRequest.onHeadersReceived(({ responseHeaders }, answer) =>
    answer({ responseHeaders: { ...responseHeaders, 'content-security-policy': [devCsp(devServer)] } }),
  )
}
