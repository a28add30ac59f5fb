/**
 * Presence of one device as a pure reducer: BOOTID, NEXTBOOTID, CONFIGID (UDA 2.0 §1.2.2, §1.2.4), addresses, expiry.
 * The same BOOTID from another address is a multi-homed device; another BOOTID is a reboot, whether higher or lower,
 * unless `ssdp:update` announced it, in which case the device was available throughout.
 */

export interface AddressState {
  readonly address: string
  readonly interfaceName: string
  readonly location: string
  readonly secureLocation?: string | undefined
  readonly lastSeenMs: number
  readonly expiresAtMs: number
}

export interface BootState {
  readonly online: boolean
  readonly bootId?: number | undefined
  /** Announced by `ssdp:update`, not seen in use yet. */
  readonly nextBootId?: number | undefined
  readonly configId?: number | undefined
  /** The BOOTID before this one; its packets may still be under way until `untilMs`. */
  readonly superseded?:
    | { readonly bootId: number; readonly announced: boolean; readonly untilMs: number }
    | undefined
  /** When it said goodbye, until it is back. */
  readonly leftMs?: number | undefined
  /** Never empty; of a device that is offline, the last known ones. */
  readonly addresses: readonly AddressState[]
  readonly lastSeenMs: number
  readonly expiresAtMs: number
  /** The last clamped max-age, to judge expiry again after the clock jumped. */
  readonly maxAgeMs: number
}

export type SeenAddress = Omit<AddressState, 'lastSeenMs' | 'expiresAtMs'>

export type BootInput =
  | {
      readonly kind: 'alive'
      readonly bootId?: number | undefined
      readonly configId?: number | undefined
      readonly seen: SeenAddress
      /** A search answer, which may have been delayed by up to MX. */
      readonly answer: boolean
      /** Clamped already. */
      readonly maxAgeMs: number
    }
  | {
      readonly kind: 'update'
      readonly bootId?: number | undefined
      readonly nextBootId: number
      readonly configId?: number | undefined
    }
  | { readonly kind: 'byebye'; readonly bootId?: number | undefined }
  | { readonly kind: 'tick' }
  /** Addresses that `keeps` denies are not reachable any more: their interface vanished or changed. */
  | { readonly kind: 'interfaces'; readonly keeps: (address: AddressState) => boolean }
  /** After sleep or a set clock: nobody expires before `graceMs` have passed, nobody later than max-age from now. */
  | { readonly kind: 'woke'; readonly graceMs: number }

export type BootEvent =
  | { readonly kind: 'appeared' }
  | { readonly kind: 'rebooted' }
  | { readonly kind: 'boot-id-announced' }
  | { readonly kind: 'boot-id-moved' }
  | { readonly kind: 'config-changed' }
  | { readonly kind: 'address-added' }
  | { readonly kind: 'address-dropped' }
  | { readonly kind: 'location-changed' }
  | { readonly kind: 'gone'; readonly why: 'byebye' | 'expired' | 'interface-gone' }

export interface BootStep {
  readonly state: BootState | undefined
  readonly events: readonly BootEvent[]
}

/** For so long packets with the BOOTID before may be late; search answers are delayed by up to MX (5 s). */
export const LATE_PACKET_MS = 6_000
/** More addresses of one device than this are a fault or a flood; the longest unheard goes. */
export const ADDRESSES_MAX = 16

type Alive = Extract<BootInput, { kind: 'alive' }>
type Update = Extract<BootInput, { kind: 'update' }>
const NO_EVENTS: readonly BootEvent[] = Object.freeze([])
const same = (state: BootState | undefined): BootStep => ({ state, events: NO_EVENTS })

const addressFrom = (input: Alive, nowMs: number): AddressState => ({
  ...input.seen,
  lastSeenMs: nowMs,
  expiresAtMs: nowMs + input.maxAgeMs,
})

const sameAddress = (a: SeenAddress, b: SeenAddress): boolean =>
  a.address === b.address && a.interfaceName === b.interfaceName

/** A first, returning or rebooted device: what was known of addresses is void. */
const fresh = (input: Alive, nowMs: number, from: BootState | undefined): BootState => ({
  online: true,
  bootId: input.bootId,
  nextBootId: undefined,
  configId: input.configId,
  superseded:
    from?.bootId !== undefined && from.bootId !== input.bootId
      ? { bootId: from.bootId, announced: false, untilMs: nowMs + LATE_PACKET_MS }
      : undefined,
  addresses: [addressFrom(input, nowMs)],
  lastSeenMs: nowMs,
  expiresAtMs: nowMs + input.maxAgeMs,
  maxAgeMs: input.maxAgeMs,
})

const refresh = (state: BootState, input: Alive, nowMs: number, events: BootEvent[]): BootState => {
  const seen = addressFrom(input, nowMs)
  const at = state.addresses.findIndex((known) => sameAddress(known, seen))
  let addresses: AddressState[]
  if (at < 0) {
    events.push({ kind: 'address-added' })
    const kept = state.addresses.length < ADDRESSES_MAX ? state.addresses : withoutOldest(state.addresses)
    addresses = [...kept, seen]
  } else {
    const known = state.addresses[at]
    if (known?.location !== seen.location || known.secureLocation !== seen.secureLocation) {
      events.push({ kind: 'location-changed' })
    }
    addresses = state.addresses.slice()
    addresses[at] = seen
  }
  if (input.configId !== undefined && input.configId !== state.configId)
    events.push({ kind: 'config-changed' })
  return {
    ...state,
    configId: input.configId ?? state.configId,
    addresses,
    lastSeenMs: nowMs,
    expiresAtMs: latest(addresses),
    maxAgeMs: input.maxAgeMs,
  }
}

const withoutOldest = (addresses: readonly AddressState[]): AddressState[] => {
  const oldest = addresses.reduce((a, b) => (a.lastSeenMs <= b.lastSeenMs ? a : b))
  return addresses.filter((address) => address !== oldest)
}

const latest = (addresses: readonly AddressState[]): number =>
  addresses.reduce((max, address) => Math.max(max, address.expiresAtMs), 0)

const isLate = (
  state: BootState,
  bootId: number | undefined,
  nowMs: number,
  announcedOnly: boolean,
): boolean =>
  state.superseded !== undefined &&
  bootId === state.superseded.bootId &&
  nowMs < state.superseded.untilMs &&
  (state.superseded.announced || !announcedOnly)

/** The device uses the BOOTID that it announced: no reboot, subscriptions stay. */
const moveOn = (state: BootState, bootId: number, nowMs: number): BootState => ({
  ...state,
  bootId,
  nextBootId: undefined,
  superseded:
    state.bootId === undefined
      ? undefined
      : { bootId: state.bootId, announced: true, untilMs: nowMs + LATE_PACKET_MS },
})

const alive = (state: BootState | undefined, input: Alive, nowMs: number): BootStep => {
  if (state === undefined) return { state: fresh(input, nowMs, undefined), events: [{ kind: 'appeared' }] }
  const { bootId } = input
  const known = bootId === undefined || state.bootId === undefined || bootId === state.bootId
  if (!state.online) {
    // An answer that was still under way when its sender said goodbye. A device that returns advertises itself.
    const left = state.leftMs !== undefined && nowMs - state.leftMs < LATE_PACKET_MS
    if (input.answer && left && known) return same(state)
    const events: BootEvent[] = [{ kind: 'appeared' }]
    if (!known && bootId !== state.nextBootId) events.push({ kind: 'rebooted' })
    if (input.configId !== state.configId) events.push({ kind: 'config-changed' })
    return { state: { ...fresh(input, nowMs, state), bootId: bootId ?? state.bootId }, events }
  }
  const events: BootEvent[] = []
  if (known) {
    const next = refresh(state, input, nowMs, events)
    if (next.bootId !== undefined || bootId === undefined) return { state: next, events }
    // The first BOOTID of a device that had announced it without saying its present one.
    const nextBootId = next.nextBootId === bootId ? undefined : next.nextBootId
    return { state: { ...next, bootId, nextBootId }, events }
  }
  if (bootId === state.nextBootId) {
    events.push({ kind: 'boot-id-moved' })
    return { state: refresh(moveOn(state, bootId, nowMs), input, nowMs, events), events }
  }
  if (isLate(state, bootId, nowMs, true)) return same(state)
  events.push({ kind: 'rebooted' })
  if (input.configId !== state.configId) events.push({ kind: 'config-changed' })
  if (!state.addresses.some((address) => sameAddress(address, input.seen)))
    events.push({ kind: 'address-added' })
  return { state: fresh(input, nowMs, state), events }
}

const update = (state: BootState | undefined, input: Update, nowMs: number): BootStep => {
  // Only an alive makes a device available: it alone carries max-age.
  if (state === undefined || !state.online) return same(state)
  const { bootId, nextBootId } = input
  // The copy of an update that another interface has delivered already, or one that says nothing.
  if (nextBootId === state.bootId || nextBootId === bootId) return same(state)
  if (isLate(state, bootId, nowMs, false)) return same(state)
  const events: BootEvent[] = []
  let current = state
  if (bootId !== undefined && state.bootId !== undefined && bootId !== state.bootId) {
    if (bootId === state.nextBootId) {
      events.push({ kind: 'boot-id-moved' })
      current = moveOn(state, bootId, nowMs)
    } else {
      events.push({ kind: 'rebooted' })
      current = { ...moveOn(state, bootId, nowMs), superseded: undefined }
    }
  }
  if (input.configId !== undefined && input.configId !== current.configId)
    events.push({ kind: 'config-changed' })
  if (current.nextBootId !== nextBootId) events.push({ kind: 'boot-id-announced' })
  return {
    state: {
      ...current,
      bootId: bootId ?? current.bootId,
      nextBootId,
      configId: input.configId ?? current.configId,
      lastSeenMs: nowMs,
    },
    events,
  }
}

/** Keeps the addresses that `keeps` names; with none left the device is gone, its addresses kept for people. */
const withAddresses = (
  state: BootState,
  keeps: (address: AddressState) => boolean,
  why: 'expired' | 'interface-gone',
): BootStep => {
  if (!state.online) return same(state)
  const kept = state.addresses.filter(keeps)
  if (kept.length === state.addresses.length) return same(state)
  if (kept.length === 0) return { state: { ...state, online: false }, events: [{ kind: 'gone', why }] }
  return {
    state: { ...state, addresses: kept, expiresAtMs: latest(kept) },
    events: [{ kind: 'address-dropped' }],
  }
}

const woke = (state: BootState, graceMs: number, nowMs: number): BootStep => {
  if (!state.online) return same(state)
  const longest = Math.max(state.maxAgeMs, graceMs)
  const addresses = state.addresses.map((address) => ({
    ...address,
    lastSeenMs: Math.min(address.lastSeenMs, nowMs),
    expiresAtMs: Math.min(Math.max(address.expiresAtMs, nowMs + graceMs), nowMs + longest),
  }))
  return {
    state: {
      ...state,
      superseded: undefined,
      addresses,
      expiresAtMs: latest(addresses),
      lastSeenMs: Math.min(state.lastSeenMs, nowMs),
    },
    events: NO_EVENTS,
  }
}

/** `(state, input) → next`. The state is undefined only before the first alive. */
export const reduceBoot = (state: BootState | undefined, input: BootInput, nowMs: number): BootStep => {
  if (input.kind === 'alive') return alive(state, input, nowMs)
  if (input.kind === 'update') return update(state, input, nowMs)
  if (state === undefined) return same(state)
  switch (input.kind) {
    case 'byebye':
      if (!state.online || isLate(state, input.bootId, nowMs, false)) return same(state)
      return { state: { ...state, online: false, leftMs: nowMs }, events: [{ kind: 'gone', why: 'byebye' }] }
    case 'tick':
      if (state.expiresAtMs > nowMs && state.addresses.length === 1) return same(state)
      return withAddresses(state, (address) => address.expiresAtMs > nowMs, 'expired')
    case 'interfaces':
      return withAddresses(state, input.keeps, 'interface-gone')
    case 'woke':
      return woke(state, input.graceMs, nowMs)
  }
}
