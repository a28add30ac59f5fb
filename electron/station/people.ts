/** The people of a station and their PINs: hashes in the vault, and a wait that grows with wrong tries. */
import { scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import { type Person, STATION_ROLES } from '../contract/factory'
import type { Vault } from '../identity/vault'
import type { Log } from '../log'
import type { Clock, Random } from '../net/clock'

const SECRET = 'station-people'
const FREE_TRIES = 5
const FIRST_WAIT_MS = 30_000
const WAIT_MAX_MS = 3_600_000
/** Wrong tries are forgotten after this time without another one. */
const FORGIVEN_AFTER_MS = 15 * 60_000
const HASH_BYTES = 32
/** 2^14 × 8 × 128 bytes = 16 MiB. A PIN has few values: the vault's own key is what keeps the hashes from being tried. */
const SCRYPT_COST = 2 ** 14
const PEOPLE_MAX = 200

const stateSchema = z.object({
  version: z.literal(1),
  /** Hex. One salt for all: one computation tells who a PIN belongs to, and that no two are alike. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  people: z.array(z.object({ name: z.string(), role: z.enum(STATION_ROLES), hash: z.string() })),
  wrong: z.object({ tries: z.number().int().min(0), lastMs: z.number() }),
})
type State = z.infer<typeof stateSchema>

export interface PeopleOptions {
  readonly vault: Pick<Vault, 'get' | 'put'>
  readonly clock: Clock
  readonly random: Random
  /** Lower in tests only. */
  readonly scryptCost?: number
}

/** How long after this many wrong tries the next has to wait: nothing four times, then 30 s, doubling to an hour. */
export const waitAfter = (tries: number): number =>
  tries < FREE_TRIES ? 0 : Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** Math.min(tries - FREE_TRIES, 20))

/** The people on record. Where the record is damaged there is nobody: an unreadable PIN must not lock a station for good. */
export const openPeople = (options: PeopleOptions, log: Pick<Log, 'error'>): People => {
  try {
    return new People(options, readState(options.vault.get(SECRET)))
  } catch (err) {
    log.error({ err }, 'the people of the station can not be read')
    return new People(options, undefined)
  }
}

export class People {
  private state: State
  private turn: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly options: PeopleOptions,
    stored: State | undefined,
  ) {
    const salt = options.random.bytes(16).toString('hex')
    this.state = stored ?? { version: 1, salt, people: [], wrong: { tries: 0, lastMs: 0 } }
  }

  list(): Person[] {
    return this.state.people.map(({ name, role }) => ({ name, role }))
  }

  get hasSupervisor(): boolean {
    return this.state.people.some(({ role }) => role === 'supervisor')
  }

  /** Milliseconds until another PIN is taken. A clock set back never lengthens it. */
  waitMs(): number {
    const { tries, lastMs } = this.state.wrong
    const waitMs = waitAfter(tries)
    return Math.max(0, Math.min(waitMs, lastMs + waitMs - this.options.clock.now()))
  }

  /** Whose PIN it is. Errors: LOCKED_OUT while the wait runs, PIN_WRONG. */
  check(pin: string): Promise<Person> {
    return this.inTurn(async () => {
      this.requireOpen()
      const found = this.ownerOf(await this.hash(pin))
      if (found) {
        // An operator's own PIN must not buy more tries at a supervisor's.
        if (found.role === 'supervisor') this.forgive()
        return { name: found.name, role: found.role }
      }
      this.noteWrong()
      throw new IotmcError('PIN_WRONG')
    })
  }

  /** Errors: REQUEST_REFUSED when the name or the PIN is someone's already. */
  add(person: Person, pin: string): Promise<void> {
    return this.inTurn(async () => {
      const { people } = this.state
      if (people.some(({ name }) => sameName(name, person.name)))
        throw new IotmcError('REQUEST_REFUSED', { subject: person.name, detail: 'this name is taken' })
      if (people.length >= PEOPLE_MAX)
        throw new IotmcError('REQUEST_REFUSED', { detail: 'there are too many people' })
      const hash = await this.hash(pin)
      if (this.ownerOf(hash))
        throw new IotmcError('REQUEST_REFUSED', { subject: person.name, detail: 'choose another PIN' })
      this.save({ people: [...people, { ...person, hash: hash.toString('hex') }] })
    })
  }

  /** Errors: REQUEST_REFUSED when there is nobody of that name. */
  named(name: string): Person {
    const found = this.state.people.find((person) => sameName(person.name, name))
    if (found) return { name: found.name, role: found.role }
    throw new IotmcError('REQUEST_REFUSED', { subject: name, detail: 'there is nobody of that name' })
  }

  /** Errors: as `named`. */
  remove(name: string): void {
    const { name: known } = this.named(name)
    this.save({ people: this.state.people.filter((person) => person.name !== known) })
  }

  // One at a time, so that parallel tries can not slip past the wait.
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.turn.then(work, work)
    this.turn = next.catch(() => undefined)
    return next
  }

  private requireOpen(): void {
    const waitMs = this.waitMs()
    if (waitMs > 0)
      throw new IotmcError('LOCKED_OUT', { detail: `try again in ${Math.ceil(waitMs / 1000)} s` })
  }

  /** Compares with everybody, so that the time says nothing about who it is. */
  private ownerOf(hash: Buffer): State['people'][number] | undefined {
    let found: State['people'][number] | undefined
    for (const person of this.state.people) {
      const theirs = Buffer.from(person.hash, 'hex')
      if (theirs.length === hash.length && timingSafeEqual(theirs, hash)) found = person
    }
    return found
  }

  private noteWrong(): void {
    const nowMs = this.options.clock.now()
    const { tries, lastMs } = this.state.wrong
    const isOld = nowMs - lastMs > FORGIVEN_AFTER_MS + waitAfter(tries)
    this.save({ wrong: { tries: (isOld ? 0 : tries) + 1, lastMs: nowMs } })
  }

  private forgive(): void {
    if (this.state.wrong.tries > 0) this.save({ wrong: { tries: 0, lastMs: 0 } })
  }

  private save(change: Partial<State>): void {
    const next = { ...this.state, ...change }
    this.options.vault.put(SECRET, Buffer.from(JSON.stringify(next)))
    this.state = next
  }

  private hash(pin: string): Promise<Buffer> {
    const { scryptCost = SCRYPT_COST } = this.options
    return new Promise((resolve, reject) => {
      scrypt(pin, Buffer.from(this.state.salt, 'hex'), HASH_BYTES, { N: scryptCost }, (error, key) =>
        error ? reject(error) : resolve(key),
      )
    })
  }
}

const sameName = (a: string, b: string): boolean => a.toLocaleLowerCase() === b.toLocaleLowerCase()

const readState = (stored: Buffer | undefined): State | undefined =>
  stored && stateSchema.parse(JSON.parse(stored.toString()))
