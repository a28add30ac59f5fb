/** What every book of PINs and passphrases needs: slow hashes, one try at a time, and a wait that grows with wrong tries. */
import { scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import type { Clock } from '../net/clock'
import type { Vault } from './vault'

const FREE_TRIES = 5
const FIRST_WAIT_MS = 30_000
const WAIT_MAX_MS = 3_600_000
/** Wrong tries are forgotten after this time without another one. */
const FORGIVEN_AFTER_MS = 15 * 60_000
const HASH_BYTES = 32
/** 2^14 × 8 × 128 bytes = 16 MiB. A PIN has few values: the vault's own key is what keeps the hashes from being tried. */
const SCRYPT_COST = 2 ** 14

export const wrongTriesSchema = z.object({ tries: z.number().int().min(0), lastMs: z.number() })
export type WrongTries = z.infer<typeof wrongTriesSchema>
export const NO_WRONG_TRIES: WrongTries = { tries: 0, lastMs: 0 }

/** How long after this many wrong tries the next has to wait: nothing four times, then 30 s, doubling to an hour. */
export const waitAfter = (tries: number): number =>
  tries < FREE_TRIES ? 0 : Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** Math.min(tries - FREE_TRIES, 20))

/** Milliseconds of that wait which are left. A clock set back never lengthens it. */
export const waitLeft = ({ tries, lastMs }: WrongTries, nowMs: number): number => {
  const waitMs = waitAfter(tries)
  return Math.max(0, Math.min(waitMs, lastMs + waitMs - nowMs))
}

/** The count after one more wrong try. */
export const afterWrong = ({ tries, lastMs }: WrongTries, nowMs: number): WrongTries => {
  const isOld = nowMs - lastMs > FORGIVEN_AFTER_MS + waitAfter(tries)
  return { tries: (isOld ? 0 : tries) + 1, lastMs: nowMs }
}

/** scrypt of a secret; `salt` is hex. `cost` is lower in tests only. */
export const hashSecret = (secret: string, salt: string, cost = SCRYPT_COST): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(secret, Buffer.from(salt, 'hex'), HASH_BYTES, { N: cost }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })

/** Whether a kept hash (hex) is this one, in the same time either way. */
export const isHash = (kept: string, hash: Buffer): boolean => {
  const theirs = Buffer.from(kept, 'hex')
  return theirs.length === hash.length && timingSafeEqual(theirs, hash)
}

/** Whether two names are one person's for people. */
export const sameName = (a: string, b: string): boolean => a.toLocaleLowerCase() === b.toLocaleLowerCase()

export interface PinBookOptions {
  readonly vault: Pick<Vault, 'get' | 'put'>
  readonly clock: Clock
  /** Name of the sealed record. */
  readonly secret: string
}

/** A sealed record with a count of wrong tries in it. What else is in it is its owner's. */
export class PinBook<S extends { readonly wrong: WrongTries }> {
  private turn: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly options: PinBookOptions,
    public state: S,
  ) {}

  /** Durable on return. */
  save(change: Partial<S>): void {
    const next = { ...this.state, ...change }
    this.options.vault.put(this.options.secret, Buffer.from(JSON.stringify(next)))
    this.state = next
  }

  /** Milliseconds until another try is taken. */
  waitMs(): number {
    return waitLeft(this.state.wrong, this.options.clock.now())
  }

  /** Errors: LOCKED_OUT while the wait runs. */
  requireOpen(): void {
    const waitMs = this.waitMs()
    if (waitMs > 0)
      throw new IotmcError('LOCKED_OUT', { detail: `try again in ${Math.ceil(waitMs / 1000)} s` })
  }

  noteWrong(): void {
    this.saveWrong(afterWrong(this.state.wrong, this.options.clock.now()))
  }

  forgive(): void {
    if (this.state.wrong.tries > 0) this.saveWrong(NO_WRONG_TRIES)
  }

  /** One at a time, so that parallel tries can not slip past the wait. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.turn.then(work, work)
    this.turn = next.catch(() => undefined)
    return next
  }

  private saveWrong(wrong: WrongTries): void {
    // Counts at once: a full disk must not make tries free.
    this.state = { ...this.state, wrong }
    this.save({ wrong } as Partial<S>)
  }
}
