import type { ReactNode } from 'react'
import type { CallName } from '../../electron/contract/ipc'
import css from './Allowed.module.css'
import { Sign } from './Sign'
import { useMay } from './use-may'

/** Fields that stay in sight, greyed and with the reason, for whoever may not change them. */
export const Allowed = ({ needs, children }: { readonly needs: CallName; readonly children: ReactNode }) => {
  const { may, reason } = useMay(needs)
  return (
    <>
      {!may && (
        <p className={css.reason} data-testid="not-allowed">
          <Sign name="lock" /> {reason}
        </p>
      )}
      <fieldset className={css.fields} disabled={!may}>
        {children}
      </fieldset>
    </>
  )
}
