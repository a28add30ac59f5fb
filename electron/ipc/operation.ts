/** Calls about operation and diagnostics: health, logs, checks, configuration, reports, bundles. */
import type { ControllerApi } from './controller-api'
import type { Handlers } from './dispatch'

type OperationCalls = Extract<
  keyof Handlers,
  | `health.${string}`
  | `log.${string}`
  | `check.${string}`
  | `configuration.${string}`
  | `report.${string}`
  | `bundle.${string}`
>

export const operationHandlers = (controller: ControllerApi): Pick<Handlers, OperationCalls> => {
  const site = () => controller.operation()
  return {
    'health.open': () => site().health.open(),
    'health.series': (request) => site().health.series(request),
    'log.query': (query) => site().logs.query(query),
    'log.stand': () => site().logs.stand(),
    'log.fetch': ({ udns, clear }) => site().logs.fetch(udns, clear),
    'log.tail': ({ udn, on }) => site().logs.tail(udn, on),
    'log.export': ({ filter, format }) => controller.files().log(filter, format),
    'log.exportOnDevice': ({ udn, target }) => site().logs.exportOnDevice(udn, target),
    'check.start': ({ udns, options }) => site().checks.start(udns, options),
    'check.list': (query) => site().checks.list(query),
    'configuration.read': ({ udn }) => site().configurations.read(udn),
    'configuration.preview': ({ udns, change }) => site().configurations.preview(udns, change),
    'configuration.apply': ({ planId, udns, limit }) => site().configurations.apply(planId, udns, limit),
    'configuration.rollback': ({ planId, udns, limit }) =>
      site().configurations.rollback(planId, udns, limit),
    'configuration.plans': () => site().configurations.plans(),
    'configuration.export': ({ udns, format }) => controller.files().configurations(udns, format),
    'configuration.import': ({ format, text }) => site().configurations.importText(format, text),
    'report.make': (request) => site().reports.make(request),
    'report.list': () => site().reports.list(),
    'report.save': ({ sequence, part }) => controller.files().report(sequence, part),
    'report.verify': () => controller.files().verifyReport(),
    'bundle.make': (scope) => controller.files().bundle(scope),
  }
}
