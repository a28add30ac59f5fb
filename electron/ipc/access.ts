/** Calls about accounts and the audit. */
import type { ControllerApi } from './controller-api'
import type { Handlers } from './dispatch'

type AccessCalls = Extract<
  keyof Handlers,
  'app.signIn' | 'app.signOut' | `accounts.${string}` | `audit.${string}`
>

export const accessHandlers = (controller: ControllerApi): Pick<Handlers, AccessCalls> => {
  const accounts = () => controller.accounts()
  return {
    'app.signIn': ({ name, secret }) => accounts().signIn(name, secret),
    'app.signOut': () => accounts().signOut(),
    'accounts.view': () => accounts().view(),
    'accounts.add': (account) => accounts().add(account),
    'accounts.change': (change) => accounts().change(change),
    'accounts.remove': ({ name }) => accounts().remove(name),
    'accounts.setIdle': ({ minutes }) => accounts().setIdle(minutes),
    'audit.list': (query) => controller.operation().auditLog.list(query),
    'audit.verify': () => controller.operation().auditLog.verify(),
    'audit.export': () => controller.files().audit(),
  }
}
