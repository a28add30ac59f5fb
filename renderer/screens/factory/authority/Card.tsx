import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Fingerprint } from '../../../components/Chain'
import css from '../Factory.module.css'

/** One box of the chain. */
export const Card = ({
  title,
  pill,
  children,
  testid,
}: {
  readonly title: string
  readonly pill?: ReactNode
  readonly children: ReactNode
  readonly testid: string
}) => (
  <li className={css.card} data-testid={testid}>
    <div className={css.cardHead}>
      <h2>{title}</h2>
      {pill}
    </div>
    {children}
  </li>
)

/** Name and fingerprint of an authority. */
export const CardName = ({
  name,
  fingerprint,
}: {
  readonly name: string | undefined
  readonly fingerprint: string | undefined
}) => {
  const { t } = useTranslation()
  return (
    <div>
      <p className={css.cardName}>{name ?? '—'}</p>
      {fingerprint && (
        <p className={css.cardPrint}>
          <span className="mute">{t('identity.fingerprint')}</span>
          <br />
          <Fingerprint value={fingerprint} />
        </p>
      )}
    </div>
  )
}
