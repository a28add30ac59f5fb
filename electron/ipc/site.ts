/** Calls about the site: enrolments, expected devices, trusted factory roots. */
import type { ControllerApi } from './controller-api'
import type { Handlers } from './dispatch'

export type SiteCalls =
  | 'enrollment.list'
  | 'enrollment.approve'
  | 'enrollment.reject'
  | 'enrollment.expected'
  | 'enrollment.setExpected'
  | 'trust.list'
  | 'trust.add'
  | 'trust.remove'

export const siteHandlers = (controller: ControllerApi): Pick<Handlers, SiteCalls> => ({
  'enrollment.list': () => controller.enrollments(),
  'enrollment.approve': ({ udns, group }) => controller.approve(udns, group),
  'enrollment.reject': ({ udns }) => controller.reject(udns),
  'enrollment.expected': () => controller.expected(),
  'enrollment.setExpected': (list) => controller.setExpected(list),
  'trust.list': () => controller.trustList(),
  'trust.add': ({ pem }) => controller.trustAdd(pem),
  'trust.remove': ({ fingerprint }) => controller.trustRemove(fingerprint),
})
