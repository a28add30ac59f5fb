/** The revocations of a site that has an authority and no devices. */
import type { Authority } from '../../electron/identity/authority'
import { systemClock } from '../../electron/net/clock'
import { RevocationDesk } from '../../electron/site/revocation-desk'
import type { Records } from '../../electron/store/records'

export const loneRevocationDesk = (records: Records, authority: Authority): Promise<RevocationDesk> =>
  RevocationDesk.open({
    clock: systemClock,
    records,
    authority,
    ownChainPem: () => authority.certificatePem,
    nameOf: () => undefined,
    online: () => false,
    refresh: () => Promise.reject(new Error('no device here')),
    trustChanged: () => undefined,
    enrollmentEnded: () => undefined,
    audit: () => undefined,
  })
