/** The revocation desk of a site, opened before the site that it reaches its devices through. */
import type { Device } from '../contract/device'
import type { DeviceLink } from '../jobs/device-link'
import type { Clock } from '../net/clock'
import type { Records } from '../store/records'
import { RevocationDesk } from './revocation-desk'
import type { FactoryIssuer } from './revocation-factory'
import type { SiteIdentity } from './site-identity'

/** What the desk needs of the open site. */
export interface RevokingSite {
  readonly device: (udn: string) => Device | undefined
  readonly link: Pick<DeviceLink, 'call'>
  readonly trustChanged: () => void
  /** The enrolment of this device has ended. */
  readonly enrollmentEnded: (udn: string) => void
  readonly audit: (action: string, subject: string, detail?: string) => void
  /** This laptop's own factory authority, where it has one. */
  readonly factory: () => FactoryIssuer
}

/** Errors: DATA_DAMAGED. */
export const openRevocations = (o: {
  readonly clock: Clock
  readonly records: Records
  readonly identity: SiteIdentity
  /** Undefined while the site is being opened: nothing is told then. */
  readonly site: () => RevokingSite | undefined
}): Promise<RevocationDesk> => {
  let desk: RevocationDesk | undefined
  const opened = RevocationDesk.open({
    clock: o.clock,
    records: o.records,
    authority: o.identity.authority,
    ownChainPem: () => o.identity.controller.chainPem,
    nameOf: (udn) => o.site()?.device(udn)?.name,
    online: (udn) => o.site()?.device(udn)?.online ?? false,
    refresh: async (udn, signal) => {
      const answer = await o.site()?.link.call(udn, 'Access', 'RefreshRevocationList', {}, signal)
      const told = Number(answer?.CrlNumber || 0)
      // A device says what it likes: no number that this site has not reached.
      return Number.isSafeInteger(told) && told <= (desk?.number ?? 0) ? told : 0
    },
    trustChanged: () => o.site()?.trustChanged(),
    enrollmentEnded: (udn) => o.site()?.enrollmentEnded(udn),
    audit: (action, subject, detail) => o.site()?.audit(action, subject, detail),
    factory: {
      authority: async () => o.site()?.factory().authority(),
      certificate: (fingerprint) => o.site()?.factory().certificate(fingerprint),
    },
  })
  return opened.then((made) => {
    desk = made
    return made
  })
}
