import { useTranslation } from 'react-i18next'
import type { StationView } from '../../../electron/contract/factory'
import { Sign } from '../../components/Sign'
import type { StationCheck, StationNeed } from '../../model/station-check'
import { isoDate } from '../../model/time'
import { type FactoryTab, showFactoryTab } from '../../stores/factory'
import css from './Factory.module.css'

/** Where each need is met. */
const TAB_OF: Readonly<Record<StationNeed, FactoryTab>> = {
  authority: 'authority',
  numbers: 'numbers',
  lane: 'lanes',
  supervisor: 'people',
  ledger: 'ledger',
}

const useFact = (view: StationView) => {
  const { t } = useTranslation()
  const { authority } = view
  return (check: StationCheck): string => {
    switch (check.need) {
      case 'authority':
        return t(`factory.check.authority.${check.how}`, {
          date: authority.notAfter ? isoDate(authority.notAfter) : '—',
        })
      case 'numbers':
        return t(`factory.check.numbers.${check.how}`, { next: view.nextSerialNumber ?? '' })
      case 'lane':
        return check.how === 'none'
          ? t('factory.check.lane.none')
          : t('factory.laneCount', { count: view.config.lanes.length })
      case 'supervisor':
        return check.how === 'none'
          ? t('factory.check.supervisor.none')
          : t('factory.check.supervisor.some', {
              names: view.people
                .filter((person) => person.role === 'supervisor')
                .map((person) => person.name)
                .join(', '),
            })
      case 'ledger':
        return t('factory.check.ledger.broken')
    }
  }
}

/** What the station needs before it can be started, each leading to where it is met. */
export const Readiness = ({
  checks,
  view,
}: {
  readonly checks: readonly StationCheck[]
  readonly view: StationView
}) => {
  const { t } = useTranslation()
  const factOf = useFact(view)
  return (
    <ul className={css.checks} aria-label={t('factory.checks')}>
      {checks.map((check) => (
        <li key={check.need} className={css.check}>
          <button
            type="button"
            className={css.checkButton}
            data-ok={check.ok}
            onClick={() => showFactoryTab(TAB_OF[check.need])}
            data-testid={`check-${check.need}`}
          >
            <span className={css.checkSign}>
              <Sign name={check.ok ? 'check' : 'warning'} />
            </span>
            <span className={css.checkText}>
              <span className="strong">{t(`factory.check.${check.need}.title`)}</span>
              <span className="mute">{factOf(check)}</span>
            </span>
            <span className="hidden-visually">{t(check.ok ? 'factory.met' : 'factory.notMet')}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
