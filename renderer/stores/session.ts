/** Stage of the program, the site's name, the interfaces and the settings, as pushed by the main process. */
import { create } from 'zustand'
import type { NetworkInterface } from '../../electron/contract/discovery'
import type { CallRequest, Status } from '../../electron/contract/ipc'
import type { Settings } from '../../electron/contract/settings'
import { call, listen } from '../bridge'

interface Session {
  readonly status: Status | undefined
  readonly settings: Settings | undefined
  readonly interfaces: readonly NetworkInterface[]
}

export const useSession = create<Session>(() => ({ status: undefined, settings: undefined, interfaces: [] }))

const { setState } = useSession

/** Loads status, settings and interfaces and follows their changes. Returns how to stop. */
export const openSession = async (): Promise<() => void> => {
  const stops = [
    listen('app.status', (status) => setState({ status })),
    listen('settings.changed', (settings) => setState({ settings })),
  ]
  const [status, settings] = await Promise.all([call('app.status'), call('settings.get')])
  setState({ status, settings })
  // Before signing in, this is not answered; it is loaded with the site then.
  if (status.stage !== 'sign-in') await loadInterfaces()
  return () => {
    for (const stop of stops) stop()
  }
}

export const loadInterfaces = async (): Promise<void> =>
  setState({ interfaces: await call('network.interfaces') })

export const saveSettings = async (change: Partial<Settings>): Promise<void> =>
  setState({ settings: await call('settings.set', change) })

export const setUp = async (request: CallRequest<'app.setup'>): Promise<void> => {
  const status = await call('app.setup', request)
  setState({ status, settings: await call('settings.get') })
}

export const unlock = async (passphrase: string): Promise<void> =>
  setState({ status: await call('app.unlock', { passphrase }) })

export const startPractice = async (): Promise<void> => {
  const status = await call('practice.start')
  setState({ status, settings: await call('settings.get') })
}
