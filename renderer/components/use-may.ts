import { useTranslation } from 'react-i18next'
import type { CallName } from '../../electron/contract/ipc'
import { missingRole } from '../model/may'
import { useSession } from '../stores/session'

/** Whether who is signed in may use a call, and the reason to show in a greyed button where not. Without a call: yes. */
export const useMay = (
  call: CallName | undefined,
): { readonly may: boolean; readonly reason: string | undefined } => {
  const { t } = useTranslation()
  const missing = useSession(({ status }) => call && missingRole(call, status))
  if (missing === undefined) return { may: true, reason: undefined }
  return { may: false, reason: t('access.needs', { role: t(`access.role.${missing}`) }) }
}
