/** The only user of ipcMain. Loads nothing heavy: it must stand before the page's first call. */
import { ipcMain } from 'electron'
import { CALL_CHANNEL } from '../contract/channels'
import type { IpcResult } from '../contract/ipc'
import { isOwnFrame } from './sender'

export interface ReceiveOptions {
  readonly isOwnUrl: (url: string) => boolean
  /** Whether the sender is the window's own contents. */
  readonly isOwnSender: (senderId: number) => boolean
  readonly dispatch: (name: unknown, request: unknown) => Promise<IpcResult<unknown>>
  readonly refused: (url: string | undefined) => void
}

/** Answers calls from now on. */
export const receiveCalls = (o: ReceiveOptions): void =>
  ipcMain.handle(
    CALL_CHANNEL,
    async (event, name: unknown, request: unknown): Promise<IpcResult<unknown>> => {
      const frame = event.senderFrame
      if (o.isOwnSender(event.sender.id) && isOwnFrame(frame, o.isOwnUrl)) return o.dispatch(name, request)
      o.refused(frame?.url)
      return { ok: false, error: { code: 'REQUEST_REFUSED', detail: 'sender' } }
    },
  )
