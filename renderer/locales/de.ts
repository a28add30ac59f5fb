/** German texts; the compiler holds them to the shape of the English ones. */
import { access } from './de/access'
import { commission } from './de/commission'
import { configuration } from './de/configuration-work'
import { devices } from './de/devices'
import { diagnostics } from './de/diagnostics'
import { endOfLife } from './de/end-of-life'
import { factory } from './de/factory'
import { firmware } from './de/firmware'
import { identity } from './de/identity'
import { jobs } from './de/jobs'
import { missing } from './de/missing'
import { provision } from './de/provision'
import { reports } from './de/reports'
import { rollout } from './de/rollout'
import { settings } from './de/settings'
import { setup } from './de/setup'
import { shell } from './de/shell'
import { site } from './de/site'
import { sitePlan } from './de/site-plan'
import { station } from './de/station'
import type { en, Texts } from './en'

export const de: Texts<typeof en> = {
  shell,
  devices,
  identity,
  commission,
  configuration,
  provision,
  firmware,
  rollout,
  diagnostics,
  reports,
  factory,
  station,
  jobs,
  missing,
  site,
  settings,
  setup,
  access,
  endOfLife,
  sitePlan,
}
