import { useTranslation } from 'react-i18next'
import { Part } from '../../components/Panel'
import { BundleButton } from '../diagnostics/reports/BundleButton'

/** The program's own state, for whoever has to find a fault in it. */
export const ProgramPart = () => {
  const { t } = useTranslation()
  return (
    <Part title={t('reports.bundle.programTitle')} hint={t('reports.bundle.programText')}>
      <BundleButton scope={{ kind: 'app' }} />
    </Part>
  )
}
