/** URNs, header names and other fixed names of the wire profile (docs/protocol.md §1–§2). Each stands here only. */

export const DEVICE_TYPE = {
  managed: 'urn:iotmc-org:device:ManagedDevice:1',
  controller: 'urn:iotmc-org:device:ManagementController:1',
} as const

export const SERVICE_NAMES = [
  'Lifecycle',
  'Configuration',
  'Firmware',
  'Diagnostics',
  'Access',
  'Enrollment',
  'FirmwareRepository',
] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]

/** `Lifecycle` → `urn:iotmc-org:service:Lifecycle:1`. */
export const serviceType = (name: ServiceName): string => `urn:iotmc-org:service:${name}:1`
/** `Lifecycle` → `urn:iotmc-org:serviceId:Lifecycle`. */
export const serviceId = (name: ServiceName): string => `urn:iotmc-org:serviceId:${name}`

/** Vendor header that says "this device can be managed"; an unauthenticated hint (docs/protocol.md §2). */
export const MGMT_HEADER = 'MGMT.IOTMC-ORG'
export const MGMT_HEADER_VERSION = 1

export const CAPABILITIES = ['enroll', 'config', 'ota', 'diag', 'wipe'] as const

export const ROLES = ['Public', 'Basic', 'Admin'] as const
/** DeviceProtection role of a caller; it comes from the client certificate. */
export type Role = (typeof ROLES)[number]
/** SAN URI that gives a site-issued certificate its role: `urn:iotmc-org:role:Admin`. */
export const ROLE_URI_PREFIX = 'urn:iotmc-org:role:'
/** SAN URI of the controller of a site alone: other programs may have its role, but not its signature under a report. */
export const REPORT_SIGNER_URI = 'urn:iotmc-org:signs:report'

/** Where the controller of a site publishes its revocation list (DER), for every device that shows a certificate. */
export const CRL_PATH = '/pki/site.crl'

export const SSDP = {
  group4: '239.255.255.250',
  group6LinkLocal: 'ff02::c',
  group6SiteLocal: 'ff05::c',
  port: 1900,
  ttl: 2,
} as const

export const PRODUCT_TOKEN = 'IoTMC-Technician/0.1'

export const PRODUCT_VERSION = '0.1.0'
