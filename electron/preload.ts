/** Exposes window.iotmc: calls and events of contract/ipc.ts, nothing of Electron or Node. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { CALL_CHANNEL, EVENT_CHANNEL } from './contract/channels'
import type { Bridge } from './contract/ipc'

type Listener = (json: string) => void
const listeners = new Map<string, Set<Listener>>()

ipcRenderer.on(EVENT_CHANNEL, (_event, name: string, json: string) => {
  for (const listener of listeners.get(name) ?? []) listener(json)
})

const on: Bridge['on'] = (name, listener) => {
  const set = listeners.get(name) ?? new Set()
  listeners.set(name, set.add(listener))
  return () => {
    set.delete(listener)
  }
}

const bridge: Bridge = {
  // Rejects only if the main process is going away or the request cannot be copied; the page gets an answer all the same.
  call: (name, request) =>
    ipcRenderer.invoke(CALL_CHANNEL, name, request).catch(() => ({ ok: false, error: { code: 'DEFECT' } })),
  pathOf: (file) => {
    try {
      return webUtils.getPathForFile(file as File)
    } catch {
      // Not a file of this page.
      return ''
    }
  },
  on,
}

contextBridge.exposeInMainWorld('iotmc', bridge)
