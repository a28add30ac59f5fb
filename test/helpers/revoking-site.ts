/** A controller with all its services on a socket, and everything that revocation reaches on its side. */
import { randomBytes, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { enrollmentPolicySchema } from '../../electron/contract/enrollment'
import type { FirmwareBundle } from '../../electron/contract/firmware'
import { Transport } from '../../electron/discovery/transport'
import { EnrollmentService } from '../../electron/enrollment/service'
import { Repository } from '../../electron/firmware/repository'
import type { Authority } from '../../electron/identity/authority'
import { generateKeyPem, keySigner, publicKeyOf } from '../../electron/identity/keys'
import { certificateDer, derBlocks, sha256Hex } from '../../electron/identity/pem'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { TrustStore } from '../../electron/identity/trust'
import { DeviceLink } from '../../electron/jobs/device-link'
import { type Clock, systemClock } from '../../electron/net/clock'
import type { TlsIdentity } from '../../electron/net/tls'
import { issueClient } from '../../electron/site/client-certificates'
import { enrollmentStore } from '../../electron/site/enrollment-store'
import { type Hosted, startHosted } from '../../electron/site/hosted'
import { RevocationDesk } from '../../electron/site/revocation-desk'
import { Records } from '../../electron/store/records'
import { makeAuthority, makeFolder } from './device-site'

export interface Member extends TlsIdentity {
  readonly udn: string
  readonly serialNumber: string
  readonly chainDer: readonly Buffer[]
}

export const IMAGE_BYTES = 32 * 1024 * 1024
