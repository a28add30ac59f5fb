/** Mirror of the health checks, newest first, and their commands. */
import { create } from 'zustand'
import type { CheckOptions, HealthCheck } from '../../electron/contract/self-test'
import { call, listen } from '../bridge'
import { cancelJobs, reload } from './jobs'

const KEPT = 200

interface Checks {
  readonly byId: ReadonlyMap<string, HealthCheck>
}

export const useChecks = create<Checks>(() => ({ byId: new Map() }))

/** The checks after one went on. */
export const applyCheck = (
  byId: ReadonlyMap<string, HealthCheck>,
  check: HealthCheck,
): ReadonlyMap<string, HealthCheck> => new Map(byId).set(check.id, check)

/** Newest first. */
export const newestFirst = (byId: ReadonlyMap<string, HealthCheck>): readonly HealthCheck[] =>
  [...byId.values()].sort((a, b) => b.startedAtMs - a.startedAtMs || (a.id < b.id ? -1 : 1))

const load = async (): Promise<void> => {
  const list = await call('check.list', { limit: KEPT })
  useChecks.setState(({ byId }) => ({
    byId: new Map([...byId, ...list.map((one) => [one.id, one] as const)]),
  }))
}

/** Asks for the latest checks and follows them. Returns how to stop. */
export const openChecks = async (): Promise<() => void> => {
  useChecks.setState({ byId: new Map() })
  const stop = listen('check.changed', (check) =>
    useChecks.setState(({ byId }) => ({ byId: applyCheck(byId, check) })),
  )
  await load()
  return stop
}

/** Starts a check on each device; answers the checks' ids. Throws CallError. */
export const startChecks = async (
  udns: readonly string[],
  options: CheckOptions,
): Promise<readonly string[]> => {
  const ids = await call('check.start', { udns: [...udns], options })
  await Promise.all([reload(), load()])
  return ids
}

export const cancelChecks = (ids: readonly string[]): Promise<void> => cancelJobs(ids)

/** The checks of one device, newest first, from the store of this laptop. */
export const checksOf = (udn: string, limit = 20): Promise<readonly HealthCheck[]> =>
  call('check.list', { udn, limit })
