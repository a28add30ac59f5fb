/** The menu is not drawn (except on macOS): it is there for its shortcuts of editing, zoom and, in development, tools. */
import { Menu, type MenuItemConstructorOptions } from 'electron'

const development: MenuItemConstructorOptions[] = [
  { type: 'separator' },
  { role: 'reload' },
  { role: 'forceReload' },
  { role: 'toggleDevTools' },
]

/** Replaces Electron's default menu, which has reload and developer tools in it. */
export const installMenu = (withDevTools: boolean): void => {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomIn', accelerator: 'CommandOrControl+=', visible: false },
    { role: 'zoomOut' },
    { role: 'togglefullscreen' },
    ...(withDevTools ? development : []),
  ]
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
      { role: 'editMenu' },
      { label: 'View', submenu: view },
      ...(process.platform === 'darwin' ? [{ role: 'windowMenu' as const }] : []),
    ]),
  )
}
