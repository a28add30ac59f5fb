/** What injection needs of its station; each is one short sentence about the world, not about jobs. */
import type { StationConfig, Unit } from '../contract/factory'
import type { Job } from '../contract/job'
import type { LabelFacts } from '../contract/label'
import type { StationAuthority } from '../factory/authority'
import type { FactoryDevice } from '../factory/factory-device'
import type { Ledger } from '../factory/ledger'
import type { Clock, Random } from '../net/clock'
import type { StepContext } from './step'

/** What injection asks of a device. */
export type InjectDevice = Pick<
  FactoryDevice,
  'info' | 'keygen' | 'install' | 'readChain' | 'challenge' | 'lock' | 'label' | 'wipe'
>

export interface InjectTools {
  readonly clock: Clock
  readonly random: Random
  /** Errors: LEDGER_INVALID when its check failed. */
  readonly ledger: () => Ledger
  /** As installed, in date or not. */
  readonly authority: () => StationAuthority | undefined
  readonly config: () => StationConfig
  /** The device of this job in its lane (`params.path`, `params.hardwareId`): waits until that very board answers there. */
  device(job: Job, ctx: StepContext): Promise<InjectDevice>
  /** The device is complete. Its label facts are a secret: to be held in memory only, and no longer than it stays. */
  completed(job: Job, unit: Unit, label: LabelFacts): void
}
