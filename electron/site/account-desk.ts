/** Accounts of one site: who may sign in, who is signed in now, and when they are signed out. Secrets stay in the vault. */
import { z } from 'zod'
import {
  ACCOUNT_ROLES,
  type Account,
  type AccountRole,
  type AccountsView,
  roleSuffices,
} from '../contract/access'
import { IotmcError } from '../contract/errors'
import { hashSecret, isHash, NO_WRONG_TRIES, PinBook, sameName, wrongTriesSchema } from '../identity/pin-book'
import type { Vault } from '../identity/vault'
import type { Clock, Random } from '../net/clock'
import type { FactTable } from '../store/tables/facts'

const SECRET = 'accounts'
/** In the records: that there are accounts. Without the sealed file this laptop must not become open to everybody. */
const FACT = 'accounts'
const ACCOUNTS_MAX = 200
const IDLE_MINUTES = 15
const SALT_BYTES = 16

const hex = z.string().regex(/^[0-9a-f]+$/)
const stateSchema = z.object({
  version: z.literal(1),
  accounts: z.array(z.object({ name: z.string(), role: z.enum(ACCOUNT_ROLES), salt: hex, hash: hex })),
  wrong: wrongTriesSchema,
  idleMinutes: z.number().int().min(0).max(480),
})
type State = z.infer<typeof stateSchema>
type Kept = State['accounts'][number]

export interface AccountDeskOptions {
  readonly vault: Pick<Vault, 'get' | 'put'>
  readonly facts: Pick<FactTable, 'get' | 'set'>
  readonly clock: Clock
  readonly random: Random
  /** One line for the audit; undefined = the owner of the laptop, before there is anybody to sign in. */
  readonly audit: (by: AccountActor | undefined, action: string, subject: string, detail?: string) => void
  /** Lower in tests only. */
  readonly scryptCost?: number
}

/** Whom a line of the audit names. */
export interface AccountActor {
  readonly name: string
  readonly role?: AccountRole
}

/** Whoever has not proven a name. */
const NOBODY: AccountActor = { name: 'nobody' }

/** Errors: DATA_DAMAGED where the accounts can't be read or are gone: nobody is let in then. */
export const openAccounts = (options: AccountDeskOptions): AccountDesk =>
  new AccountDesk(options, readState(options))

export class AccountDesk {
  private readonly book: PinBook<State>
  private readonly listeners = new Set<() => void>()
  private signedIn: { name: string; stays: boolean; lastMs: number } | undefined
  private cancelIdle: (() => void) | undefined

  constructor(
    private readonly options: AccountDeskOptions,
    stored: State | undefined,
  ) {
    const { vault, clock } = options
    const state = stored ?? { version: 1, accounts: [], wrong: NO_WRONG_TRIES, idleMinutes: IDLE_MINUTES }
    this.book = new PinBook<State>({ vault, clock, secret: SECRET }, state)
  }

  /** Names and roles, never a secret. */
  view(): AccountsView {
    const { accounts, idleMinutes } = this.book.state
    const current = this.current()
    return {
      accounts: accounts.map(({ name, role }) => ({ name, role })),
      ...(current ? { signedIn: current } : {}),
      waitS: Math.ceil(this.book.waitMs() / 1000),
      idleMinutes,
    }
  }

  /** Who is signed in; one who has been idle for too long is not any more. */
  current(): Account | undefined {
    if (this.signedIn && this.isIdle()) this.end('idle')
    const found = this.signedIn && this.find(this.signedIn.name)
    return found && { name: found.name, role: found.role }
  }

  /** sign-in = there are accounts, and nobody is signed in. */
  stage(): 'sign-in' | 'ready' {
    return this.book.state.accounts.length > 0 && !this.current() ? 'sign-in' : 'ready'
  }

  /** Errors: SIGN_IN_NEEDED; ROLE_TOO_LOW with the needed role as subject. Without accounts everything is allowed. */
  require(needed: AccountRole): void {
    if (this.stage() === 'sign-in') throw new IotmcError('SIGN_IN_NEEDED')
    const account = this.current()
    if (account && !roleSuffices(account.role, needed))
      throw new IotmcError('ROLE_TOO_LOW', { subject: needed })
  }

  /** Who an audit line names: the account, else the owner of the laptop. */
  actor(owner: string): AccountActor {
    return this.current() ?? { name: owner }
  }

  /**
   * `stays` = no sign-out by idleness, for a command of the terminal. Whoever was signed in is signed out first.
   * Errors: LOCKED_OUT while the wait runs, SIGN_IN_WRONG for a wrong name and a wrong secret alike.
   */
  signIn(name: string, secret: string, stays = false): Promise<AccountsView> {
    const { book, options } = this
    return book.inTurn(async () => {
      book.requireOpen()
      const found = this.find(name)
      // A wrong name costs the same time as a wrong secret.
      const salt = found?.salt ?? '00'.repeat(SALT_BYTES)
      const hash = await hashSecret(secret, salt, options.scryptCost)
      if (!found || !isHash(found.hash, hash) || this.find(name) !== found) {
        book.noteWrong()
        options.audit(NOBODY, 'sign-in-failed', found?.name ?? 'unknown name')
        this.changed()
        throw new IotmcError('SIGN_IN_WRONG')
      }
      // A lower account's own secret must not buy more tries at a supervisor's.
      if (found.role === 'supervisor') book.forgive()
      if (this.signedIn) this.end('another')
      // On record first: nobody works here without a line of it.
      options.audit({ name: found.name, role: found.role }, 'sign-in', found.name)
      this.signedIn = { name: found.name, stays, lastMs: options.clock.now() }
      this.watchIdle()
      this.changed()
      return this.view()
    })
  }

  /** Jobs go on. */
  signOut(): AccountsView {
    if (this.current()) this.end('asked')
    return this.view()
  }

  /** The first has to be a supervisor. Errors: REQUEST_REFUSED for that, and for a name that is taken. */
  add(account: Account & { readonly secret: string }): Promise<AccountsView> {
    const { name, role, secret } = account
    const { book, options } = this
    return book.inTurn(async () => {
      const { accounts } = book.state
      if (accounts.length === 0 && role !== 'supervisor')
        throw refused(name, 'the first account has to be a supervisor’s')
      if (this.find(name)) throw refused(name, 'this name is taken')
      if (accounts.length >= ACCOUNTS_MAX) throw refused(name, 'there are too many accounts')
      const kept = { name, role, ...(await this.sealed(secret)) }
      const by = this.current()
      book.save({ accounts: [...book.state.accounts, kept] })
      options.facts.set(FACT, 'yes')
      options.audit(by, 'account-added', name, role)
      this.changed()
      return this.view()
    })
  }

  /** Another role, another secret, or both. Errors: REQUEST_REFUSED for an unknown name and for the last supervisor's role. */
  change(change: {
    readonly name: string
    readonly role?: AccountRole | undefined
    readonly secret?: string | undefined
  }): Promise<AccountsView> {
    const { book, options } = this
    return book.inTurn(async () => {
      const before = this.known(change.name)
      const { role = before.role, secret } = change
      if (role !== 'supervisor') this.keepsSupervisor(before)
      const sealed = secret === undefined ? {} : await this.sealed(secret)
      const by = this.current()
      const after = { ...before, role, ...sealed }
      book.save({ accounts: book.state.accounts.map((one) => (one.name === before.name ? after : one)) })
      const what = [
        ...(role === before.role ? [] : [`${before.role} → ${role}`]),
        ...(secret === undefined ? [] : ['new secret']),
      ]
      options.audit(by, 'account-changed', before.name, what.join(', ') || 'nothing')
      this.changed()
      return this.view()
    })
  }

  /** Errors: REQUEST_REFUSED for an unknown name and for the last supervisor. */
  remove(name: string): Promise<AccountsView> {
    const { book, options } = this
    return book.inTurn(async () => {
      const { name: known, ...rest } = this.known(name)
      this.keepsSupervisor({ name: known, ...rest })
      const by = this.current()
      book.save({ accounts: book.state.accounts.filter((one) => one.name !== known) })
      options.audit(by, 'account-removed', known, rest.role)
      if (this.signedIn?.name === known) this.end('removed')
      else this.changed()
      return this.view()
    })
  }

  /** 0 = never. */
  setIdle(minutes: number): AccountsView {
    this.touch()
    this.book.save({ idleMinutes: minutes })
    this.options.audit(this.current(), 'account-idle', 'site', `${minutes} min`)
    this.watchIdle()
    this.changed()
    return this.view()
  }

  /** A person did something. One who was idle for too long already is signed out instead. */
  touch(): void {
    if (this.current() && this.signedIn) this.signedIn.lastMs = this.options.clock.now()
  }

  /** Told after each change of accounts, of who is signed in, and of the wait. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  close(): void {
    this.cancelIdle?.()
    this.listeners.clear()
  }

  private find(name: string): Kept | undefined {
    return this.book.state.accounts.find((one) => sameName(one.name, name))
  }

  private known(name: string): Kept {
    const found = this.find(name)
    if (found) return found
    throw refused(name, 'there is no account of that name')
  }

  private keepsSupervisor(leaving: Kept): void {
    const others = this.book.state.accounts.filter(({ name }) => name !== leaving.name)
    if (leaving.role === 'supervisor' && !others.some(({ role }) => role === 'supervisor'))
      throw refused(leaving.name, 'this is the last supervisor')
  }

  private async sealed(secret: string): Promise<Pick<Kept, 'salt' | 'hash'>> {
    const salt = this.options.random.bytes(SALT_BYTES).toString('hex')
    const hash = await hashSecret(secret, salt, this.options.scryptCost)
    return { salt, hash: hash.toString('hex') }
  }

  private get idleMs(): number {
    return this.book.state.idleMinutes * 60_000
  }

  private isIdle(): boolean {
    if (!this.signedIn || this.signedIn.stays || this.idleMs === 0) return false
    return this.options.clock.now() - this.signedIn.lastMs >= this.idleMs
  }

  /** A timer for a laptop that stays awake; `current` looks at the clock for one that slept. */
  private watchIdle(): void {
    this.cancelIdle?.()
    this.cancelIdle = undefined
    if (!this.signedIn || this.signedIn.stays || this.idleMs === 0) return
    const leftMs = this.signedIn.lastMs + this.idleMs - this.options.clock.now()
    const waitMs = Math.max(1, Math.min(leftMs, this.idleMs))
    this.cancelIdle = this.options.clock.setTimer(() => {
      if (this.current()) this.watchIdle()
    }, waitMs)
  }

  private end(why: 'idle' | 'asked' | 'another' | 'removed'): void {
    const name = this.signedIn?.name
    if (name === undefined) return
    const found = this.find(name)
    this.signedIn = undefined
    this.cancelIdle?.()
    this.cancelIdle = undefined
    this.options.audit(found && { name: found.name, role: found.role }, 'sign-out', name, why)
    this.changed()
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener()
  }
}

const refused = (subject: string, detail: string): IotmcError =>
  new IotmcError('REQUEST_REFUSED', { subject, detail })

const readState = ({ vault, facts }: AccountDeskOptions): State | undefined => {
  const stored = vault.get(SECRET)
  if (stored) {
    try {
      const state = stateSchema.parse(JSON.parse(stored.toString()))
      if (state.accounts.length > 0) facts.set(FACT, 'yes')
      return state
    } catch {
      // The cause is dropped: it could quote a hash.
      throw new IotmcError('DATA_DAMAGED', { subject: SECRET, detail: 'the accounts can not be read' })
    }
  }
  if (facts.get(FACT) === undefined) return undefined
  throw new IotmcError('DATA_DAMAGED', { subject: SECRET, detail: 'the accounts are gone from the vault' })
}
