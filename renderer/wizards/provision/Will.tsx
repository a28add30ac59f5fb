import { useTranslation } from 'react-i18next'
import { Panel } from '../../components/Panel'
import css from './Provision.module.css'

const WILL = ['identity', 'send', 'move', 'follow'] as const

/** What will happen to the device, in words, beside every question. */
export const Will = () => {
  const { t } = useTranslation()
  return (
    <Panel className={css.panel}>
      <div className={css.scroll}>
        <h2>{t('provision.network.will')}</h2>
        <ol className={css.will}>
          {WILL.map((one) => (
            <li key={one}>{t(`provision.network.willStep.${one}`)}</li>
          ))}
        </ol>
        <p className="mute">{t('provision.network.back')}</p>
      </div>
    </Panel>
  )
}
