/** English texts: the shape that every other language has to have. */
import { access } from './en/access'
import { commission } from './en/commission'
import { configuration } from './en/configuration-work'
import { devices } from './en/devices'
import { diagnostics } from './en/diagnostics'
import { endOfLife } from './en/end-of-life'
import { factory } from './en/factory'
import { firmware } from './en/firmware'
import { identity } from './en/identity'
import { jobs } from './en/jobs'
import { missing } from './en/missing'
import { provision } from './en/provision'
import { reports } from './en/reports'
import { rollout } from './en/rollout'
import { settings } from './en/settings'
import { setup } from './en/setup'
import { shell } from './en/shell'
import { site } from './en/site'
import { sitePlan } from './en/site-plan'
import { station } from './en/station'

export const en = {
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
} as const

/** The same keys with any text: a language that lacks a key or has one too many does not compile. */
export type Texts<T> = { readonly [K in keyof T]: T[K] extends string ? string : Texts<T[K]> }
