/** What an ear is made of: the way to its device, whom it tells, what the device offers, and what refusals mean. */
import type { DeviceDescription } from '../contract/description'
import { type ServiceName, serviceType } from '../contract/names'
import type { Clock } from '../net/clock'
import type { HttpAnswer, HttpsClient } from '../net/https-client'
import type { Hearing } from '../operation/health-kept'
import type { NotifyRoutes } from '../upnp/notify-routes'
import type { Log } from './events'

/** A proven way to the device; DeviceLink.dedicated fits it. */
export interface EarLine {
  readonly http: Pick<HttpsClient, 'request' | 'close'>
  readonly description: DeviceDescription
  readonly url: string
}

/** What an ear needs, and whom it tells. */
export interface EarOptions {
  readonly clock: Clock
  readonly udn: string
  readonly log: Log
  readonly routes: NotifyRoutes
  readonly open: (signal: AbortSignal) => Promise<EarLine>
  /** Runs an exchange of events or a question when there is room for it. */
  readonly gate: (
    kind: 'events' | 'question',
    run: () => Promise<HttpAnswer>,
    signal?: AbortSignal,
  ) => Promise<HttpAnswer>
  /** Where the device reaches this laptop; undefined where it does not, so that no event can come. */
  readonly callbackBase: string | undefined
  /** false = no room to subscribe: it is only asked. */
  readonly listens: boolean
  readonly overflowPollMs: () => number
  /** Its events did not get through a moment ago; not taken back before one does. */
  readonly wasBlocked: boolean
  /** It announces that it has Diagnostics:1, so that it is missed when it can not even be reached. */
  readonly claimsHealth: boolean
  readonly onValues: (values: Readonly<Record<string, string>>, initial: boolean) => void
  readonly onAnswer: (health: string, roundTripMs: number) => void
  readonly onMissed: () => void
  readonly onHearing: (hearing: Hearing) => void
  /** No events come any more, until the next one does. */
  readonly onSilence: () => void
}

/** The first one proves whether events get through. */
const EVENTED: readonly ServiceName[] = ['Diagnostics', 'Lifecycle', 'Configuration', 'Firmware']

/** Causes by which a device that was reached denies a subscription. */
export const REFUSED: ReadonlySet<string> = new Set(['BUSY', 'BAD_ANSWER', 'NOT_AUTHORIZED'])
/** Causes by which a device is not where it was thought to be. */
export const UNREACHED: ReadonlySet<string> = new Set(['DEVICE_UNREACHABLE', 'TLS_REFUSED', 'TIMED_OUT'])

const serviceOf = (description: DeviceDescription, service: ServiceName) =>
  description.services.find((entry) => entry.serviceType === serviceType(service))

/** Where a service is subscribed to; undefined where the device does not have it or sends no events of it. */
export const eventUrl = (description: DeviceDescription, service: ServiceName): string | undefined =>
  serviceOf(description, service)?.eventSubUrl

/** The services that can be subscribed to; the first one proves whether events get through. */
export const eventedServices = (description: DeviceDescription): readonly ServiceName[] =>
  EVENTED.filter((service) => eventUrl(description, service))

/** Diagnostics:1 of a device; undefined for an older one. */
export const diagnosticsOf = (description: DeviceDescription) => serviceOf(description, 'Diagnostics')

/** Whether a device tells its health. */
export const hasHealth = (description: DeviceDescription): boolean => diagnosticsOf(description) !== undefined
