import type { ButtonHTMLAttributes, ReactNode } from 'react'
import type { CallName } from '../../electron/contract/ipc'
import css from './Button.module.css'
import { useMay } from './use-may'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'plain' | 'primary' | 'quiet' | 'danger'
  readonly small?: boolean
  /** Key shown in the button, as pressed: "A", "⇧A". */
  readonly keys?: string
  /** Why it cannot be used now. The button stays, greyed, with the reason in it, and can still be focused. */
  readonly reason?: string | undefined
  readonly busy?: boolean
  /** The call that it makes: greyed with the missing role where who is signed in may not. */
  readonly needs?: CallName | undefined
  readonly children: ReactNode
}

/** The one button. With `reason` it stays visible and says why it does nothing. */
export const Button = ({
  kind = 'plain',
  small,
  keys,
  reason: ownReason,
  busy,
  needs,
  children,
  onClick,
  className,
  ...rest
}: ButtonProps) => {
  const reason = useMay(needs).reason ?? ownReason
  const off = reason !== undefined || busy === true
  return (
    <button
      type="button"
      {...rest}
      className={[css.button, css[kind], small ? css.small : '', className ?? ''].join(' ')}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (off) event.preventDefault()
        else onClick?.(event)
      }}
    >
      <span className={css.label}>
        {children}
        {reason !== undefined && <span className={css.reason}> · {reason}</span>}
      </span>
      {keys && !off && <kbd className={css.keys}>{keys}</kbd>}
    </button>
  )
}
