import css from './Stages.module.css'

/** The steps of a wizard as bars: those behind are full, the present one half. */
export const Stages = ({
  names,
  at,
  finished,
}: {
  readonly names: readonly string[]
  /** Index of the present step. */
  readonly at: number
  readonly finished?: boolean
}) => (
  <ol className={css.stages}>
    {names.map((name, index) => (
      <li key={name} className={css.stage} aria-current={index === at ? 'step' : undefined}>
        <span className={css.track}>
          <span
            className={css.bar}
            style={{ transform: `scaleX(${index < at || finished ? 1 : index === at ? 0.5 : 0})` }}
          />
        </span>
        <span className={css.name}>
          {index + 1} {name}
        </span>
      </li>
    ))}
  </ol>
)
