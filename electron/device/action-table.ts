/** The actions of a device, with the faults that bend answers. */
import type { ServiceName } from '../contract/names'
import { type Clock, delay } from '../net/clock'
import type { ActionHandler } from '../upnp/endpoint'
import type { FaultSwitch } from './fault-switch'
import { SLOW_ANSWER_MS } from './faults'

export type ActionTable = Readonly<Partial<Record<ServiceName, Readonly<Record<string, ActionHandler>>>>>

/** One entry per action: service, name, handler with the faults put in. */
export const bentActions = (
  table: ActionTable,
  faults: FaultSwitch,
  clock: Clock,
): readonly { service: ServiceName; action: string; handler: ActionHandler }[] =>
  (Object.keys(table) as ServiceName[]).flatMap((service) =>
    Object.entries(table[service] ?? {}).map(([action, handler]) => ({
      service,
      action,
      handler: bend(handler, faults, clock),
    })),
  )

const bend = (handler: ActionHandler, faults: FaultSwitch, clock: Clock): ActionHandler => {
  if (!faults.has('slow')) return handler
  return async (args, context) => {
    await delay(clock, SLOW_ANSWER_MS, context.signal)
    return handler(args, context)
  }
}
