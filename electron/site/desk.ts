/** What goes into a file; parts are asked for only once the person has said where to. */
export type FileContent = string | Uint8Array | Iterable<string> | AsyncIterable<string | Uint8Array>

/** What a host with a screen gives the controller: full screen, a dialog for files, printers. A terminal has none. */
export interface Desk {
  /** The station's lock: over everything, no way out but through the page. */
  fullScreen(on: boolean): void
  /** Asks where to, then writes the file whole; undefined when the person closed the dialog. Errors: FILE_INVALID. */
  saveFile(name: string, data: FileContent): Promise<string | undefined>
  /** Asks which file; undefined when the person closed the dialog. */
  openFile(filter: { readonly name: string; readonly extensions: string[] }): Promise<string | undefined>
  printers(): Promise<string[]>
  /** Prints one page of the given size. Errors: PRINTER_UNAVAILABLE. */
  print(page: PrintPage): Promise<void>
}

export interface PrintPage {
  readonly svg: string
  readonly widthMm: number
  readonly heightMm: number
  readonly copies: number
  /** As the operating system names it; absent = its default printer. */
  readonly printer?: string | undefined
}
