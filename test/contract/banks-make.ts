import {
  applyBank,
  type BankContent,
  type BankInput,
  type BankTable,
  chooseBoot,
  freshTable,
  type Slot,
} from '../../electron/contract/banks'

/** Content of a bank: major version and security version. */
export const content = (major: number, securityVersion = 1): BankContent => ({
  version: `${major}.0.0`,
  sha256: String(major).repeat(64).slice(0, 64),
  securityVersion,
})

export const factory = (): BankTable => freshTable(content(1))

/** Applies inputs in order; throws at the first that is refused. */
export const having = (table: BankTable, ...inputs: readonly BankInput[]): BankTable =>
  inputs.reduce((now, input) => {
    const step = applyBank(now, input)
    if (!step.ok) throw new Error(`${input.type}: ${step.code}`)
    return step.table
  }, table)

/** What a start makes of it, where only `broken` does not verify. */
export const boot = (table: BankTable, ...broken: readonly Slot[]) =>
  chooseBoot(table, (slot) => !broken.includes(slot))

export const installed = (table: BankTable, major = 2, securityVersion = 1): BankTable =>
  having(table, { type: 'write-begun', ...content(major, securityVersion) }, { type: 'write-verified' })

export const PROBATION = { type: 'armed', manner: 'probation', neededS: 100 } as const
export const ONCE = { type: 'armed', manner: 'once', neededS: 0 } as const

/** 2.0.0 in bank B on trial, and it runs. */
export const onTrial = (arm: BankInput = PROBATION, securityVersion = 1): BankTable =>
  having(boot(having(installed(factory(), 2, securityVersion), arm)).table, { type: 'running' })
