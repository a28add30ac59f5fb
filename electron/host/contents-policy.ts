/** What no page may do: leave its address, open windows, embed other pages. */
import type { App, WebContents } from 'electron'
import { isOwnUrl } from './page-path'

const restrict = (contents: WebContents, devServer: string | undefined): void => {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => {
    // Only a reload of the very page, as the development server asks for.
    if (devServer === undefined || !isOwnUrl(event.url, devServer)) event.preventDefault()
  })
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault()
  })
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** Applies to each page of the process from its birth, whoever makes it. */
export const restrictContents = (app: App, devServer: string | undefined): void => {
  app.on('web-contents-created', (_event, contents) => restrict(contents, devServer))
}
