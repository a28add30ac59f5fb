import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Panel, Teach } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { DEFAULT_QUERY } from '../../model/device-rows'
import { search } from '../../stores/devices'
import { startPractice, useSession } from '../../stores/session'
import { go, setQuery } from '../../stores/view'
import css from './Devices.module.css'

const REASONS = ['power', 'network', 'firewall', 'provision'] as const

/** Nothing heard yet: what would be here, why it isn't, and what changes that. */
export const EmptyDevices = () => {
  const { t } = useTranslation()
  const practice = useSession(({ status }) => status?.practice === true)
  const again = useAction(search)
  const tryOut = useAction(startPractice)
  return (
    <Panel className={css.empty} testid="devices-empty">
      <Teach
        title={t('devices.empty.title')}
        actions={
          <>
            <Button kind="primary" busy={again.busy} onClick={() => void again.run()}>
              {t('devices.searchAgain')}
            </Button>
            <Button onClick={() => go('missing')}>{t('devices.whyMissing')}</Button>
            {!practice && (
              <Button
                busy={tryOut.busy}
                onClick={() => void tryOut.run()}
                needs="practice.start"
                data-testid="practice-start"
              >
                {t('devices.empty.tryPractice')}
              </Button>
            )}
          </>
        }
      >
        {practice ? (
          <p>{t('devices.empty.practice')}</p>
        ) : (
          <>
            <p>{t('devices.empty.text')}</p>
            <ul>
              {REASONS.map((reason) => (
                <li key={reason}>{t(`devices.empty.reasons.${reason}`)}</li>
              ))}
            </ul>
          </>
        )}
        {(again.error ?? tryOut.error) && (
          <ErrorBox error={(again.error ?? tryOut.error) as Error & { code: string }} />
        )}
      </Teach>
    </Panel>
  )
}

/** Devices are there, but the filters hide them all. */
export const NoMatch = () => {
  const { t } = useTranslation()
  return (
    <Teach
      title={t('devices.noMatch.title')}
      testid="devices-no-match"
      actions={
        <Button
          onClick={() =>
            setQuery({ filter: 'all', group: undefined, model: undefined, text: DEFAULT_QUERY.text })
          }
          data-testid="clear-filters"
        >
          {t('devices.noMatch.clear')}
        </Button>
      }
    >
      <p>{t('devices.noMatch.text')}</p>
    </Teach>
  )
}
