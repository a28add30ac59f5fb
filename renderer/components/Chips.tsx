import type { ReactNode } from 'react'
import css from './Chips.module.css'

/** One of a few, as chips in a row. `children` come behind them. */
export const Chips = <T extends string>({
  label,
  all,
  on,
  text,
  onPick,
  testid,
  className,
  children,
}: {
  readonly label: string
  readonly all: readonly T[]
  /** None where what is shown is none of them. */
  readonly on: T | undefined
  readonly text: (one: T) => string
  readonly onPick: (one: T) => void
  /** Put before each value. */
  readonly testid: string
  readonly className?: string | undefined
  readonly children?: ReactNode
}) => (
  <fieldset className={className ? `${css.chips} ${className}` : css.chips} aria-label={label}>
    {all.map((one) => (
      <button
        key={one}
        type="button"
        className={css.chip}
        aria-pressed={on === one}
        data-on={on === one || undefined}
        onClick={() => onPick(one)}
        data-testid={`${testid}-${one}`}
      >
        {text(one)}
      </button>
    ))}
    {children}
  </fieldset>
)
