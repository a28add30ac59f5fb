/** Whether the plan or the groups want something else by now than what was previewed. */
import type { Values } from '../contract/configuration'
import type { ApplyOrder } from '../jobs/apply'
import type { PlanDesk } from './plan-desk'

interface Wishes {
  readonly plan: Pick<PlanDesk, 'has' | 'wantedOf' | 'device'>
  readonly groupExists: (name: string) => boolean
}

export const isStaleOrder = (
  { what, entry, values, seen }: ApplyOrder,
  udn: string,
  { plan, groupExists }: Wishes,
): boolean => {
  if (what === 'plan' && !plan.has(entry)) return true
  if (entry.group !== undefined && !groupExists(entry.group)) return true
  const differs = (now: Values): boolean => {
    const names = new Set([...Object.keys(values), ...Object.keys(now)])
    return [...names].some((name) => values[name] !== now[name])
  }
  // Who is let in without a planned group was previewed without the values of the one that it gets.
  const before = seen || entry.group !== undefined ? [] : [undefined]
  return [plan.device(udn), ...before].every((device) => differs(plan.wantedOf(entry, device).values))
}
