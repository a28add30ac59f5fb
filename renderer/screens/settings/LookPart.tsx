import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Settings } from '../../../electron/contract/settings'
import { Part } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { saveSettings } from '../../stores/session'
import css from './Settings.module.css'

/** Language and colours of the window. */
export const LookPart = ({ settings }: { readonly settings: Settings }) => {
  const { t } = useTranslation()
  const save = useAction(saveSettings)
  return (
    <Part title={t('settings.look.title')}>
      <div className={css.fields}>
        <div className={css.pair}>
          <NativeSelect
            label={t('settings.look.language')}
            value={settings.language}
            data={[
              { value: 'system', label: t('settings.look.system') },
              { value: 'en', label: t('settings.look.english') },
              { value: 'de', label: t('settings.look.german') },
            ]}
            onChange={(event) =>
              void save.run({ language: event.currentTarget.value as Settings['language'] })
            }
            data-testid="settings-language"
          />
          <NativeSelect
            label={t('settings.look.theme')}
            value={settings.theme}
            data={[
              { value: 'system', label: t('settings.look.system') },
              { value: 'light', label: t('settings.look.light') },
              { value: 'dark', label: t('settings.look.dark') },
            ]}
            onChange={(event) => void save.run({ theme: event.currentTarget.value as Settings['theme'] })}
            data-testid="settings-theme"
          />
        </div>
        {save.error && <ErrorBox error={save.error} />}
      </div>
    </Part>
  )
}
