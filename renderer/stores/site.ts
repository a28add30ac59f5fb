/** What belongs to the site: enrolments, groups, the expected list and the trusted roots. */
import { create } from 'zustand'
import type { Group, Values } from '../../electron/contract/configuration'
import type { Enrollment, ExpectedDevice } from '../../electron/contract/enrollment'
import type { TrustRoot } from '../../electron/contract/identity'
import { call, listen } from '../bridge'

interface Site {
  readonly enrollments: ReadonlyMap<string, Enrollment>
  readonly groups: readonly Group[]
  readonly expected: readonly ExpectedDevice[]
  readonly roots: readonly TrustRoot[]
}

export const useSite = create<Site>(() => ({ enrollments: new Map(), groups: [], expected: [], roots: [] }))

const { setState } = useSite

const putEnrollments = (changed: readonly Enrollment[]) =>
  setState(({ enrollments }) => {
    const next = new Map(enrollments)
    for (const enrollment of changed) next.set(enrollment.enrollmentId, enrollment)
    return { enrollments: next }
  })

export const openSite = async (): Promise<() => void> => {
  const stop = listen('enrollment.changed', putEnrollments)
  const [enrollments, groups, expected, roots] = await Promise.all([
    call('enrollment.list'),
    call('groups.list'),
    call('enrollment.expected'),
    call('trust.list'),
  ])
  putEnrollments(enrollments)
  setState({ groups, expected, roots })
  return stop
}

export const approve = async (udns: readonly string[], group: string): Promise<void> => {
  if (udns.length > 0) await call('enrollment.approve', { udns: [...udns], group })
}

export const reject = async (udns: readonly string[]): Promise<void> => {
  if (udns.length > 0) await call('enrollment.reject', { udns: [...udns] })
}

export const loadGroups = async (): Promise<void> => setState({ groups: await call('groups.list') })

/** Without `parent` it is an outermost one. Throws CallError (GROUP_INVALID). */
export const saveGroup = async (name: string, values: Values, parent?: string): Promise<void> =>
  setState({ groups: await call('groups.save', { name, values, ...(parent ? { parent } : {}) }) })

/** Throws CallError (GROUP_INVALID) while something is in it. */
export const removeGroup = async (name: string): Promise<void> =>
  setState({ groups: await call('groups.remove', { name }) })

export const saveExpected = async (list: readonly ExpectedDevice[]): Promise<void> =>
  setState({ expected: await call('enrollment.setExpected', [...list]) })

export const addRoot = async (pem: string): Promise<void> =>
  setState({ roots: await call('trust.add', { pem }) })

export const removeRoot = async (fingerprint: string): Promise<void> =>
  setState({ roots: await call('trust.remove', { fingerprint }) })
