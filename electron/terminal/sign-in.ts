/** Signing in for the length of one command. */
import type { AccountRole } from '../contract/access'
import { IotmcError } from '../contract/errors'
import type { Controller } from '../controller'
import { takeSecret } from './secrets'

/**
 * Signs in with `--account` where the open site has accounts, and stays signed in until the command ends. Its PIN or
 * passphrase comes from IOTMC_PIN (gone from there then) or is typed. Errors: SIGN_IN_NEEDED without `--account`,
 * SIGN_IN_WRONG, LOCKED_OUT, ROLE_TOO_LOW, USAGE where the site has no accounts.
 */
export const signInTerminal = async (
  controller: Pick<Controller, 'accountsIfOpen'>,
  options: { readonly account?: string },
  needed: AccountRole,
): Promise<void> => {
  const { account } = options
  const desk = controller.accountsIfOpen()
  const hasAccounts = desk !== undefined && desk.view().accounts.length > 0
  if (!desk || !hasAccounts) {
    if (account === undefined) return
    throw new IotmcError('USAGE', { subject: account, detail: 'this site has no accounts' })
  }
  if (account === undefined)
    throw new IotmcError('SIGN_IN_NEEDED', { detail: 'give --account and set IOTMC_PIN' })
  await desk.signIn(
    account,
    await takeSecret('IOTMC_PIN', undefined, `PIN or passphrase of ${account}: `),
    true,
  )
  desk.require(needed)
}
