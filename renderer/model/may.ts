/** Who may use what: the same table that the main process checks by. */
import { type AccountRole, roleSuffices } from '../../electron/contract/access'
import { CALL_ROLES } from '../../electron/contract/call-roles'
import type { CallName, Status } from '../../electron/contract/ipc'

/** The role that is missing for a call; undefined where it may be used. Without accounts everything may. */
export const missingRole = (
  call: CallName,
  status: Pick<Status, 'account' | 'stage'> | undefined,
): AccountRole | undefined => {
  const account = status?.account
  if (!account) return undefined
  const needed = CALL_ROLES[call]
  return roleSuffices(account.role, needed) ? undefined : needed
}
