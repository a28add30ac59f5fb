import { useTranslation } from 'react-i18next'
import type { AuthorityView } from '../../../../electron/contract/factory'
import { Pill } from '../../../components/Pill'
import css from '../Factory.module.css'
import { Card } from './Card'

const FACTS = ['key', 'names', 'end', 'trust'] as const

/** What every device gets. */
export const DeviceCard = ({ authority }: { readonly authority: AuthorityView }) => {
  const { t } = useTranslation()
  return (
    <Card
      title={t('factory.authority.device.title')}
      pill={
        <Pill tone={authority.issued > 0 ? 'ok' : 'neutral'}>
          {t('factory.authority.device.issued', { count: authority.issued })}
        </Pill>
      }
      testid="authority-device"
    >
      <ul className={css.facts}>
        {FACTS.map((fact) => (
          <li key={fact}>{t(`factory.authority.device.${fact}`)}</li>
        ))}
      </ul>
    </Card>
  )
}
