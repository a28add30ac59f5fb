import { useTranslation } from 'react-i18next'
import type { Settings } from '../../../electron/contract/settings'
import { Allowed } from '../../components/Allowed'
import { Facts, Part } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { saveSettings, useSession } from '../../stores/session'
import css from './Settings.module.css'
import { SettledInput } from './SettledInput'

/** Who works here, and what the site is called. */
export const SitePart = ({ settings }: { readonly settings: Settings }) => {
  const { t } = useTranslation()
  const udn = useSession(({ status }) => status?.controllerUdn)
  const save = useAction(saveSettings)
  return (
    <Part title={t('settings.site.title')} hint={t('settings.site.hint')}>
      <Allowed needs="settings.set">
        <div className={css.fields}>
          <div className={css.pair}>
            <SettledInput
              label={t('settings.site.technician')}
              value={settings.technician}
              maxLength={63}
              onSettle={(technician) => void save.run({ technician })}
              testid="settings-technician"
            />
            <SettledInput
              label={t('settings.site.siteName')}
              value={settings.siteName}
              maxLength={63}
              onSettle={(siteName) => void save.run({ siteName })}
              testid="settings-site"
            />
          </div>
          {save.error && <ErrorBox error={save.error} />}
          {udn && (
            <Facts
              rows={[
                [
                  t('settings.site.udn'),
                  <span key="udn" className="mono select-text">
                    {udn}
                  </span>,
                ],
              ]}
            />
          )}
        </div>
      </Allowed>
    </Part>
  )
}
