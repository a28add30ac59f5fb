/** Rules of the people of a site, as the main process has them too: shown before anything is sent. */
import { type Account, type AccountRole, accountSecretSchema } from '../../electron/contract/access'

export interface AccountDraft {
  readonly name: string
  readonly role: AccountRole
  readonly secret: string
  readonly again: string
}

export type DraftProblem = 'nameNeeded' | 'taken' | 'secretNeeded' | 'againNeeded'

const same = (a: string, b: string): boolean => a.toLocaleLowerCase() === b.trim().toLocaleLowerCase()

/** What is still missing in a new account; undefined when it can be added. */
export const draftProblem = (draft: AccountDraft, accounts: readonly Account[]): DraftProblem | undefined => {
  if (draft.name.trim() === '') return 'nameNeeded'
  if (accounts.some(({ name }) => same(name, draft.name))) return 'taken'
  return secretProblem(draft.secret, draft.again)
}

/** The same for a secret alone. */
export const secretProblem = (secret: string, again: string): DraftProblem | undefined => {
  if (!accountSecretSchema.safeParse(secret).success) return 'secretNeeded'
  return secret === again ? undefined : 'againNeeded'
}

/** Whether this is the one supervisor that has to stay. */
export const isLastSupervisor = (account: Account, accounts: readonly Account[]): boolean =>
  account.role === 'supervisor' && accounts.filter(({ role }) => role === 'supervisor').length === 1
