import { useTranslation } from 'react-i18next'
import type { Person, StationView } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { Pill } from '../../components/Pill'
import { useLanguage } from '../../i18n'
import { authorityState, authorityTone } from '../../model/station-authority'
import { isoDate } from '../../model/time'
import css from './Station.module.css'

/** Line, authority, and who is signed in. */
export const StationHeader = ({
  view,
  person,
  nowMs,
  onSupervisor,
  onSignOut,
}: {
  readonly view: StationView
  readonly person: Person
  readonly nowMs: number
  readonly onSupervisor: () => void
  readonly onSignOut: () => void
}) => {
  const { t } = useTranslation()
  return (
    <header className={css.header}>
      <h1 className={css.title}>
        {t('station.titleLine', { line: view.config.lineName, model: view.config.model })}
      </h1>
      <AuthorityChip authority={view.authority} nowMs={nowMs} />
      <span className={css.person} title={t('station.people')} data-testid="station-person">
        <span className={css.personName}>{person.name}</span>
        <span className="mute">{t(`station.role.${person.role}`)}</span>
      </span>
      <Button onClick={onSupervisor} data-testid="station-supervisor">
        {t('station.supervisor')}
      </Button>
      <Button onClick={onSignOut} data-testid="station-sign-out">
        {t('station.signOut')}
      </Button>
    </header>
  )
}

/** How much the station may issue yet: amber when that ends soon, red when it is over. */
const AuthorityChip = ({
  authority,
  nowMs,
}: {
  readonly authority: StationView['authority']
  readonly nowMs: number
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const { quota, issued, notAfter } = authority
  const state = authorityState(authority, nowMs)
  const number = (value: number) => new Intl.NumberFormat(language).format(value)
  const until = isoDate(notAfter ?? '')
  const text = (() => {
    switch (state) {
      case 'ready':
        return quota === undefined
          ? t('station.authority.unlimited', { until })
          : t('station.authority.left', { left: number(quota - issued), quota: number(quota), until })
      case 'expired':
        return t('station.authority.expired', { until })
      case 'exhausted':
        return t('station.authority.exhausted', { quota: number(quota ?? issued) })
      default:
        return t(`station.authority.${state}`)
    }
  })()
  return (
    <span className={css.authority} data-testid="station-authority">
      <Pill tone={authorityTone(authority, nowMs)}>{text}</Pill>
    </span>
  )
}
