/** The window's host as a desk: full screen, the save dialog, and printing labels from a window of their own. */
import { open, rename, rm } from 'node:fs/promises'
import { extname } from 'node:path'
import { BrowserWindow as Browser, type BrowserWindow, dialog, session } from 'electron'
import { IotmcError } from '../contract/errors'
import type { Desk, FileContent, PrintPage } from '../site/desk'

const MICRONS_PER_MM = 1_000

/** The desk of one window. */
export const createDesk = (browser: BrowserWindow): Desk => ({
  fullScreen: (on) => {
    if (browser.isDestroyed()) return
    browser.setKiosk(on)
    browser.setClosable(!on)
  },
  saveFile: async (name, data) => {
    const { canceled, filePath } = await dialog.showSaveDialog(browser, {
      defaultPath: name,
      filters: [{ name: extname(name).slice(1).toUpperCase(), extensions: [extname(name).slice(1)] }],
    })
    if (canceled || !filePath) return undefined
    await writeWhole(filePath, data)
    return filePath
  },
  openFile: async (filter) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(browser, {
      filters: [filter],
      properties: ['openFile'],
    })
    return canceled ? undefined : filePaths[0]
  },
  printers: async () => (await browser.webContents.getPrintersAsync()).map((printer) => printer.name),
  print: (page) => printPage(browser, page),
})

/** Written aside and moved into place, so that a full disk leaves no half a file under the chosen name. */
const writeWhole = async (path: string, data: FileContent): Promise<void> => {
  const aside = `${path}.part`
  try {
    const file = await open(aside, 'w', 0o600)
    try {
      if (typeof data === 'string' || data instanceof Uint8Array) await file.writeFile(data)
      else for await (const part of data) await file.writeFile(part)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } catch (cause) {
    await rm(aside, { force: true })
    // What could not be made says why itself.
    if (cause instanceof IotmcError) throw cause
    throw new IotmcError('FILE_INVALID', { subject: path, detail: 'cannot be written', cause })
  }
}

/** The label's text holds a setup code: it is drawn in a window without scripts, storage or network, and gone after. */
const printPage = async (parent: BrowserWindow, page: PrintPage): Promise<void> => {
  const window = new Browser({
    parent,
    show: false,
    webPreferences: {
      sandbox: true,
      javascript: false,
      session: session.fromPartition('labels', { cache: false }),
    },
  })
  try {
    await window.loadURL(`data:text/html;base64,${Buffer.from(documentOf(page)).toString('base64')}`)
    await new Promise<void>((resolve, reject) => {
      window.webContents.print(
        {
          silent: true,
          copies: page.copies,
          margins: { marginType: 'none' },
          pageSize: {
            width: Math.round(page.widthMm * MICRONS_PER_MM),
            height: Math.round(page.heightMm * MICRONS_PER_MM),
          },
          ...(page.printer ? { deviceName: page.printer } : {}),
        },
        (printed, reason) =>
          printed
            ? resolve()
            : reject(
                new IotmcError('PRINTER_UNAVAILABLE', {
                  subject: page.printer ?? '',
                  detail: String(reason),
                }),
              ),
      )
    })
  } finally {
    window.destroy()
  }
}

const documentOf = ({ svg, widthMm, heightMm }: PrintPage): string =>
  `<!doctype html><meta charset="utf-8"><style>@page{size:${widthMm}mm ${heightMm}mm;margin:0}` +
  `body{margin:0}svg{display:block;width:${widthMm}mm;height:${heightMm}mm}</style>${svg}`
