/** The one window. It is shown when its first frame is ready, never as a white rectangle. */
import { join } from 'node:path'
import { BrowserWindow, nativeTheme, screen } from 'electron'
import { PAGE_URL } from './page-path'
import {
  placeOnScreen,
  readWindowState,
  type ThemeChoice,
  WINDOW_SIZE,
  writeWindowState,
} from './window-state'

/** Ground colours of the two themes, as in renderer's theme file; drawn before the page is. */
const GROUND = { light: '#f6f7f9', dark: '#10161d' } as const

export interface MainWindow {
  readonly browser: BrowserWindow
  /** Follows the settings; the page's `prefers-color-scheme` and the frame follow `nativeTheme`. */
  setTheme(theme: ThemeChoice): void
  /** Brings the window to the person: shown, restored, focused. */
  present(): void
}

export interface WindowOptions {
  readonly appDir: string
  readonly stateFile: string
  readonly devServer: string | undefined
  readonly devTools: boolean
}

/** Opens the window and starts loading its page. */
export const openWindow = (o: WindowOptions): MainWindow => {
  const state = readWindowState(o.stateFile)
  let theme = state.theme
  nativeTheme.themeSource = theme
  const place = state.bounds === undefined ? [] : screen.getAllDisplays().map((display) => display.workArea)
  const browser = new BrowserWindow({
    ...placeOnScreen(state.bounds, place),
    minWidth: WINDOW_SIZE.minWidth,
    minHeight: WINDOW_SIZE.minHeight,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light,
    webPreferences: {
      preload: join(o.appDir, 'out/preload/preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      devTools: o.devTools,
      // Progress must go on while the window is behind another one.
      backgroundThrottling: false,
    },
  })
  browser.setMenuBarVisibility(false)
  const present = (): void => {
    if (browser.isDestroyed()) return
    if (browser.isMinimized()) browser.restore()
    browser.show()
    browser.focus()
  }
  browser.once('ready-to-show', () => (state.maximized ? browser.maximize() : present()))
  browser.on('close', () => {
    writeWindowState(o.stateFile, {
      bounds: browser.getNormalBounds(),
      maximized: browser.isMaximized(),
      theme,
    })
  })
  void browser.loadURL(o.devServer ?? PAGE_URL).catch(() => undefined)
  return {
    browser,
    present,
    setTheme(next) {
      theme = next
      nativeTheme.themeSource = next
      if (!browser.isDestroyed())
        browser.setBackgroundColor(nativeTheme.shouldUseDarkColors ? GROUND.dark : GROUND.light)
    },
  }
}
