import css from './Progress.module.css'

/** A bar of `value` 0…1 with its name for screen readers. */
export const Progress = ({
  value,
  label,
  bad,
}: {
  readonly value: number
  readonly label: string
  readonly bad?: boolean
}) => {
  const percent = Math.round(value * 100)
  return (
    <div
      className={css.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div className={`${css.bar} ${bad ? css.bad : ''}`} style={{ transform: `scaleX(${value})` }} />
    </div>
  )
}
