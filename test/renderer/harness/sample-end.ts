import type {
  DecommissionView,
  IssuedCertificateView,
  RevocationListView,
} from '../../../electron/contract/decommission'
import type { Batch, Job } from '../../../electron/contract/job'

/** What is played of the end of devices' lives; what is absent is made up from the devices. */
export interface EndSample {
  readonly decommissions?: readonly DecommissionView[]
  readonly issued?: readonly IssuedCertificateView[]
  readonly revocationList?: Partial<RevocationListView>
  readonly batches?: readonly Batch[]
}

const udn = (index: number) => `uuid:2fac1234-31f8-11b4-a222-${index.toString(16).padStart(12, '0')}`
const STATES: readonly Job['state'][] = [
  'done',
  'done',
  'done',
  'running',
  'queued',
  'queued',
  'failed',
  'waiting',
]

/** One batch of as many jobs as asked, in every state. */
export const manyJobs = (count: number, nowMs: number, batch = 'many'): readonly Job[] =>
  Array.from({ length: count }, (_, index): Job => {
    const state = index < 8 ? 'running' : (STATES[index % 3 === 0 ? index % 8 : index % 2] ?? 'done')
    const shown = index >= 8 && state === 'running' ? 'queued' : index > count / 2 ? 'queued' : state
    return {
      id: `${batch}-${index}`,
      kind: 'configure',
      subject: udn(index + 1),
      batch,
      params: {},
      state: shown,
      steps: (['find', 'compare', 'apply', 'read-back'] as const).map((name) => ({
        name,
        state: shown === 'done' ? 'done' : shown === 'running' && name === 'find' ? 'running' : 'pending',
        cancellable: true,
      })),
      attempt: 1,
      createdAtMs: nowMs - 600_000,
      updatedAtMs: nowMs - 60_000,
      ...(shown === 'failed' ? { error: { code: 'DEVICE_UNREACHABLE' } } : {}),
    }
  })
