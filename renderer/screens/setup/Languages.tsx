import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { useAction } from '../../components/use-action'
import { useLanguage } from '../../i18n'
import { saveSettings } from '../../stores/session'
import css from './Setup.module.css'

/** Top of the screens before the site: whose program it is, and its language. */
export const Languages = () => {
  const { t } = useTranslation()
  const language = useLanguage()
  const speak = useAction(saveSettings)
  return (
    <div className={css.top}>
      <div className={css.brand}>
        <span className={css.mark} aria-hidden="true" />
        {t('shell.appName')}
      </div>
      <fieldset className={css.languages} aria-label={t('settings.look.language')}>
        {(['en', 'de'] as const).map((one) => (
          <Button
            key={one}
            small
            kind="quiet"
            aria-pressed={language === one}
            lang={one}
            onClick={() => void speak.run({ language: one })}
          >
            {t(one === 'en' ? 'settings.look.english' : 'settings.look.german')}
          </Button>
        ))}
      </fieldset>
    </div>
  )
}
