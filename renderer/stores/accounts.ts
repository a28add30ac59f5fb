/** Accounts of the site, who is signed in, and how long the next try has to wait. Also the audit's pages. */
import { create } from 'zustand'
import type {
  Account,
  AccountRole,
  AccountsView,
  AuditCheck,
  AuditLine,
} from '../../electron/contract/access'
import type { CallRequest } from '../../electron/contract/ipc'
import { call, listen } from '../bridge'

interface Accounts {
  readonly view: AccountsView
  /** Milliseconds since 1970. */
  readonly waitUntilMs: number
}

const NOBODY: AccountsView = { accounts: [], waitS: 0, idleMinutes: 0 }

export const useAccounts = create<Accounts>(() => ({ view: NOBODY, waitUntilMs: 0 }))

const put = (view: AccountsView): void =>
  useAccounts.setState({ view, waitUntilMs: view.waitS > 0 ? Date.now() + view.waitS * 1000 : 0 })

/** Loads the accounts and follows their changes. Returns how to stop. */
export const openAccounts = async (): Promise<() => void> => {
  const stop = listen('accounts.changed', put)
  put(await call('accounts.view'))
  return stop
}

/** The stage follows as an `app.status` event. */
export const signIn = async (name: string, secret: string): Promise<void> => {
  try {
    put(await call('app.signIn', { name, secret }))
  } catch (thrown) {
    put(await call('accounts.view'))
    throw thrown
  }
}

export const signOut = async (): Promise<void> => put(await call('app.signOut'))

export const addAccount = async (account: Account, secret: string): Promise<void> =>
  put(await call('accounts.add', { ...account, secret }))

export const changeAccount = async (change: {
  readonly name: string
  readonly role?: AccountRole
  readonly secret?: string
}): Promise<void> => put(await call('accounts.change', change))

export const removeAccount = async (name: string): Promise<void> =>
  put(await call('accounts.remove', { name }))

export const setIdleMinutes = async (minutes: number): Promise<void> =>
  put(await call('accounts.setIdle', { minutes }))

/** One telling in this time is enough, however much is typed. */
const ACTIVE_EVERY_MS = 20_000

/** Tells the main process of keys and clicks, so that nobody is signed out at work. Returns how to stop. */
export const tellActivity = (now: () => number = Date.now): (() => void) => {
  let lastMs = 0
  const tell = () => {
    if (now() - lastMs < ACTIVE_EVERY_MS) return
    lastMs = now()
    call('accounts.view').then(put, () => undefined)
  }
  const events = ['keydown', 'pointerdown', 'wheel'] as const
  for (const event of events) window.addEventListener(event, tell, { capture: true, passive: true })
  return () => {
    for (const event of events) window.removeEventListener(event, tell, { capture: true })
  }
}

/** A page of the audit, newest first. */
export const auditPage = (
  query: CallRequest<'audit.list'>,
): Promise<{ readonly lines: AuditLine[]; readonly more: boolean }> => call('audit.list', query)

export const verifyAudit = (): Promise<AuditCheck> => call('audit.verify')

/** Where it went; undefined when the dialog was closed. */
export const exportAudit = async (): Promise<string | undefined> => {
  const { saved, path } = await call('audit.export')
  return saved ? (path ?? '') : undefined
}
