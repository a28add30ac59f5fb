import { useTranslation } from 'react-i18next'
import type { Device } from '../../../electron/contract/device'
import { Sign, type SignName } from '../../components/Sign'
import { CLASS_TONE, type HealthClass, healthClass } from '../../model/health'
import css from './Diagnostics.module.css'

const SIGN: Readonly<Record<HealthClass, SignName>> = {
  ok: 'check',
  warn: 'warning',
  bad: 'cross',
  quiet: 'ring',
  none: 'dash',
}

/** The class of a device's health as sign and word, without a ground: it stands in tables beside other pills. */
export const HealthWord = ({ health }: { readonly health: Device['health'] }) => {
  const { t } = useTranslation()
  const kind = healthClass(health)
  if (kind === 'none') return <span className="mute">—</span>
  return (
    <span className={`${css.word} ${css[CLASS_TONE[kind]]}`} title={t(`diagnostics.class.${kind}`)}>
      <Sign name={SIGN[kind]} size={11} /> {t(`diagnostics.class.${kind}`)}
    </span>
  )
}
