/** German texts; the compiler holds them to the shape of the English ones. */
import { commission } from './de/commission'
import { devices } from './de/devices'
import { identity } from './de/identity'
import { jobs } from './de/jobs'
import { missing } from './de/missing'
import { settings } from './de/settings'
import { setup } from './de/setup'
import { shell } from './de/shell'
import { site } from './de/site'
import type { en, Texts } from './en'

export const de: Texts<typeof en> = {
  shell,
  devices,
  identity,
  commission,
  jobs,
  missing,
  site,
  settings,
  setup,
}
