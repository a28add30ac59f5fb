import type { Tone } from '../model/device-facts'
import css from './Pill.module.css'

const SIGNS: Readonly<Record<Tone, string>> = { ok: '✓', warn: '▲', bad: '✕', info: '●', neutral: '○' }

/** A state: sign and word on its soft ground, never a colour alone. */
export const Pill = ({
  tone,
  sign = SIGNS[tone],
  children,
  title,
}: {
  readonly tone: Tone
  readonly sign?: string
  readonly children: React.ReactNode
  readonly title?: string | undefined
}) => (
  <span className={`${css.pill} ${css[tone]}`} title={title}>
    <span aria-hidden="true" className={css.sign}>
      {sign}
    </span>
    <span className={css.word}>{children}</span>
  </span>
)
