/** Which certificate a device shows now: the site's while it lives, else the factory's. */
import type { TlsIdentity } from '../net/tls'
import { lifeOf } from './issued-certificate'
import type { KeyFiles } from './key-files'
import type { StateFile } from './state-file'

interface Ldevid {
  readonly generation: number
  readonly identity: TlsIdentity
  readonly untilMs: number
}

/** Reads each identity from disk once: it is asked for with each message that is sent. */
export class IdentityInUse {
  private idevid: TlsIdentity | undefined
  private ldevid: Ldevid | undefined

  constructor(
    private readonly store: StateFile,
    private readonly keys: KeyFiles,
    private readonly now: () => number,
    /** What a fault wants shown instead of everything else. */
    private readonly substitute: TlsIdentity | undefined,
  ) {}

  /** The factory identity, which alone may ask for an enrolment. */
  factory(): TlsIdentity {
    this.idevid ??= this.keys.idevid()
    return this.substitute ?? this.idevid
  }

  shown(): TlsIdentity {
    const ldevid = this.current()
    if (this.substitute || !ldevid || ldevid.untilMs <= this.now()) return this.factory()
    return ldevid.identity
  }

  /** True when there is an LDevID whose time is over, so that only a new enrolment helps. */
  isExpired(): boolean {
    const ldevid = this.current()
    return ldevid !== undefined && ldevid.untilMs <= this.now()
  }

  private current(): Ldevid | undefined {
    const { ldevidGeneration: generation } = this.store.current
    if (generation === undefined) return undefined
    if (this.ldevid?.generation !== generation) {
      const identity = this.keys.ldevid(generation)
      this.ldevid = { generation, identity, untilMs: lifeOf(identity.chainPem).untilMs }
    }
    return this.ldevid
  }
}
