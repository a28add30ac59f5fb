/** Calls about whole sites and the end of life: names, labels, groups, plan, works, decommissioning, revocation. */
import type { ControllerApi } from './controller-api'
import type { Handlers } from './dispatch'

type LifeCalls =
  | Extract<
      keyof Handlers,
      | `labels.${string}`
      | `plan.${string}`
      | `work.${string}`
      | `decommission.${string}`
      | `revocation.${string}`
    >
  | 'devices.describe'
  | 'groups.list'
  | 'groups.save'
  | 'groups.remove'

export const lifeHandlers = (controller: ControllerApi): Pick<Handlers, LifeCalls> => {
  const site = () => controller.life()
  return {
    'devices.describe': ({ udn, ...words }) => site().describe(udn, words),
    'labels.scan': ({ udn, text }) => site().labels.scan(udn, text),
    'labels.findings': () => site().labels.findings(),
    'groups.list': () => site().groups.list(),
    'groups.save': (group) => site().groups.save(group),
    'groups.remove': ({ name }) => site().groups.remove(name),
    'plan.import': ({ text, mode }) => site().plan.importText(text, mode),
    'plan.scan': ({ text, group }) => site().plan.scan(text, group),
    'plan.export': ({ from }) => controller.files().plan(from),
    'plan.compare': () => site().plan.compare(),
    'plan.look': () => site().plan.compareAsking(),
    'work.preview': (ask) => site().works.preview(ask),
    'work.apply': ({ workId, keys }) => site().works.apply(workId, keys),
    'work.cancel': ({ workId, keys }) => site().works.cancel(workId, keys),
    'work.list': () => site().works.list(),
    'decommission.preview': (ask) => site().decommissions.preview(ask),
    'decommission.start': (order) => site().decommissions.start(order),
    'decommission.list': () => site().decommissions.list(),
    'decommission.close': (order) => site().decommissions.closeUnproven(order),
    'decommission.save': ({ id, part }) => controller.files().certificate(id, part),
    'revocation.list': () => site().revocations.list(),
    'revocation.certificates': (query) => site().revocations.certificates(query),
    'revocation.revoke': (order) => site().revocations.revokeByHand(order),
    'revocation.save': ({ format }) => controller.files().revocationList(format),
  }
}
