/** SSDP messages (UDA 2.0 §1.2–§1.3) as typed values, and the tolerant reader. Pure. */

interface Announcement {
  /** UDN in its one text form: `uuid:…`, lower case. */
  readonly udn: string
  /** NT or ST: what is announced (`upnp:rootdevice`, the UDN, a device or service type). */
  readonly target: string
  readonly bootId?: number
  readonly configId?: number
}

/** `ssdp:alive` or the answer to a search. */
export interface AliveMessage extends Announcement {
  readonly kind: 'alive' | 'answer'
  readonly location?: string
  readonly secureLocation?: string
  /** Seconds as sent, not clamped; undefined where missing or unreadable. */
  readonly maxAgeS?: number
  /** Raw value of the management capability header. */
  readonly mgmt?: string
}

export interface ByebyeMessage extends Announcement {
  readonly kind: 'byebye'
}

/** `ssdp:update`: from now on the device says `nextBootId`; it stays available throughout. */
export interface UpdateMessage extends Announcement {
  readonly kind: 'update'
  readonly nextBootId: number
  readonly location?: string
  readonly secureLocation?: string
}

export interface SearchMessage {
  readonly kind: 'search'
  readonly target: string
  /** Seconds, clamped to 1–5; undefined on unicast searches (and on multicast ones that must be dropped). */
  readonly mxS?: number
  readonly userAgent?: string
  readonly friendlyName?: string
}

export type DeviceMessage = AliveMessage | ByebyeMessage | UpdateMessage
export type SsdpMessage = DeviceMessage | SearchMessage

/** Each repair that tolerant reading can make. */
export type SsdpRepair =
  | 'line-feed-only'
  | 'loose-start-line'
  | 'duplicate-header'
  | 'bad-header-line'
  | 'upper-case-uuid'
  | 'doubled-uuid'
  | 'missing-uuid-prefix'
  | 'target-from-usn'
  | 'loose-nts'
  | 'quoted-target'
  | 'unquoted-man'
  | 'no-location'
  | 'no-max-age'
  | 'loose-max-age'
  | 'no-server'
  | 'bad-boot-id'
  | 'bad-config-id'
  | 'mx-out-of-range'

/** Why a datagram is no SSDP message at all. */
export type SsdpProblem =
  | 'empty'
  | 'too-long'
  | 'not-ssdp'
  | 'status-not-200'
  | 'unknown-nts'
  | 'no-usn'
  | 'no-target'
  | 'no-man'
  | 'no-next-boot-id'

export type SsdpParsed =
  | { readonly ok: true; readonly message: SsdpMessage; readonly repairs: readonly SsdpRepair[] }
  | { readonly ok: false; readonly reason: SsdpProblem }

/** The device type in a target, or undefined where the target is something else. */
export const deviceTypeOf = (target: string): string | undefined =>
  target.startsWith('urn:') && target.includes(':device:') ? target : undefined
