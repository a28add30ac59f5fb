/** Accounts and audit of a site with a vault and facts in memory, in virtual time. */
import { systemRandom } from '../../electron/net/clock'
import { type AccountActor, type AccountDesk, openAccounts } from '../../electron/site/account-desk'
import { VirtualClock } from '../helpers/virtual-clock'

export const SUE = { name: 'Sue', role: 'supervisor' } as const
export const TIM = { name: 'Tim', role: 'technician' } as const
export const VIC = { name: 'Vic', role: 'viewer' } as const
export const SECRETS = { Sue: '111111', Tim: 'a long phrase', Vic: '333333' } as const

export const memoryVault = () => {
  const sealed = new Map<string, Buffer>()
  return {
    sealed,
    get: (name: string) => sealed.get(name),
    put: (name: string, secret: Buffer) => void sealed.set(name, secret),
  }
}

export const accountBench = () => {
  const vault = memoryVault()
  const facts = new Map<string, string>()
  const clock = new VirtualClock()
  const audit: {
    by: AccountActor | undefined
    action: string
    subject: string
    detail: string | undefined
  }[] = []
  const open = (): AccountDesk =>
    openAccounts({
      vault,
      clock,
      random: systemRandom,
      facts: { get: (name) => facts.get(name), set: (name, value) => void facts.set(name, value) },
      audit: (by, action, subject, detail) => audit.push({ by, action, subject, detail }),
      scryptCost: 2,
    })
  return { vault, facts, clock, audit, open, desk: open() }
}

/** With one account of each role; nobody is signed in. */
export const staffedBench = async () => {
  const bench = accountBench()
  for (const account of [SUE, TIM, VIC]) await bench.desk.add({ ...account, secret: SECRETS[account.name] })
  bench.audit.length = 0
  return bench
}
