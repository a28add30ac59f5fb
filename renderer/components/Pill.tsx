import type { ReactNode } from 'react'
import type { Tone } from '../model/device-facts'
import css from './Pill.module.css'
import { Sign, type SignName } from './Sign'

/** The sign that goes with each tone. */
export const TONE_SIGN: Readonly<Record<Tone, SignName>> = {
  ok: 'check',
  warn: 'warning',
  bad: 'cross',
  info: 'dot',
  neutral: 'ring',
}

/** A state: sign and word on its soft ground, never a colour alone. */
export const Pill = ({
  tone,
  sign = TONE_SIGN[tone],
  children,
}: {
  readonly tone: Tone
  readonly sign?: SignName
  readonly children: ReactNode
}) => (
  <span className={`${css.pill} ${css[tone]}`}>
    <Sign name={sign} size={11} />
    <span className={css.word}>{children}</span>
  </span>
)
