/** The people of a station and their PINs: hashes in the vault, and a wait that grows with wrong tries. */
import { z } from 'zod'
import { IotmcError } from '../contract/errors'
import { type Person, STATION_ROLES } from '../contract/factory'
import { hashSecret, isHash, NO_WRONG_TRIES, PinBook, sameName, wrongTriesSchema } from '../identity/pin-book'
import type { Vault } from '../identity/vault'
import type { Log } from '../log'
import type { Clock, Random } from '../net/clock'

const SECRET = 'station-people'
const PEOPLE_MAX = 200

const stateSchema = z.object({
  version: z.literal(1),
  /** Hex. One salt for all: one computation tells who a PIN belongs to, and that no two are alike. */
  salt: z.string().regex(/^[0-9a-f]{32}$/),
  people: z.array(z.object({ name: z.string(), role: z.enum(STATION_ROLES), hash: z.string() })),
  wrong: wrongTriesSchema,
})
type State = z.infer<typeof stateSchema>

export interface PeopleOptions {
  readonly vault: Pick<Vault, 'get' | 'put'>
  readonly clock: Clock
  readonly random: Random
  /** Lower in tests only. */
  readonly scryptCost?: number
}

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
  private readonly book: PinBook<State>

  constructor(
    private readonly options: PeopleOptions,
    stored: State | undefined,
  ) {
    const salt = options.random.bytes(16).toString('hex')
    const { vault, clock } = options
    const state = stored ?? { version: 1, salt, people: [], wrong: NO_WRONG_TRIES }
    this.book = new PinBook<State>({ vault, clock, secret: SECRET }, state)
  }

  list(): Person[] {
    return this.book.state.people.map(({ name, role }) => ({ name, role }))
  }

  get hasSupervisor(): boolean {
    return this.book.state.people.some(({ role }) => role === 'supervisor')
  }

  /** Milliseconds until another PIN is taken. A clock set back never lengthens it. */
  waitMs(): number {
    return this.book.waitMs()
  }

  /** Whose PIN it is. Errors: LOCKED_OUT while the wait runs, PIN_WRONG. */
  check(pin: string): Promise<Person> {
    const { book } = this
    return book.inTurn(async () => {
      book.requireOpen()
      const found = this.ownerOf(await this.hash(pin))
      if (found) {
        // An operator's own PIN must not buy more tries at a supervisor's.
        if (found.role === 'supervisor') book.forgive()
        return { name: found.name, role: found.role }
      }
      book.noteWrong()
      throw new IotmcError('PIN_WRONG')
    })
  }

  /** Errors: REQUEST_REFUSED when the name or the PIN is someone's already. */
  add(person: Person, pin: string): Promise<void> {
    const { book } = this
    return book.inTurn(async () => {
      const { people } = book.state
      if (people.some(({ name }) => sameName(name, person.name)))
        throw new IotmcError('REQUEST_REFUSED', { subject: person.name, detail: 'this name is taken' })
      if (people.length >= PEOPLE_MAX)
        throw new IotmcError('REQUEST_REFUSED', { detail: 'there are too many people' })
      const hash = await this.hash(pin)
      if (this.ownerOf(hash))
        throw new IotmcError('REQUEST_REFUSED', { subject: person.name, detail: 'choose another PIN' })
      book.save({ people: [...people, { ...person, hash: hash.toString('hex') }] })
    })
  }

  /** Errors: REQUEST_REFUSED when there is nobody of that name. */
  named(name: string): Person {
    const found = this.book.state.people.find((person) => sameName(person.name, name))
    if (found) return { name: found.name, role: found.role }
    throw new IotmcError('REQUEST_REFUSED', { subject: name, detail: 'there is nobody of that name' })
  }

  /** Errors: as `named`. */
  remove(name: string): void {
    const { name: known } = this.named(name)
    this.book.save({ people: this.book.state.people.filter((person) => person.name !== known) })
  }

  /** Compares with everybody, so that the time says nothing about who it is. */
  private ownerOf(hash: Buffer): State['people'][number] | undefined {
    let found: State['people'][number] | undefined
    for (const person of this.book.state.people) if (isHash(person.hash, hash)) found = person
    return found
  }

  private hash(pin: string): Promise<Buffer> {
    return hashSecret(pin, this.book.state.salt, this.options.scryptCost)
  }
}

const readState = (stored: Buffer | undefined): State | undefined =>
  stored && stateSchema.parse(JSON.parse(stored.toString()))
