import { useTranslation } from 'react-i18next'
import { Announcer } from '../../components/Announcer'
import { ScreenHead } from '../../components/Panel'
import { Stages } from '../../components/Stages'
import { useChecks } from '../../stores/checks'
import css from '../firmware/Wizard.module.css'
import { ChooseStep } from './ChooseStep'
import type { DiagnosticsPlace } from './store'
import { TestsStep } from './TestsStep'
import { WatchStep } from './WatchStep'

const STEPS = ['choose', 'tests', 'watch'] as const

/** Which devices, which tests, then watching until each has its finding. */
export const CheckWizard = ({ place }: { readonly place: Exclude<DiagnosticsPlace, { at: 'home' }> }) => {
  const { t } = useTranslation()
  const at = STEPS.indexOf(place.at)
  const finished = useChecks(
    ({ byId }) => place.at === 'watch' && place.ids.every((id) => byId.get(id)?.verdict !== undefined),
  )
  return (
    <div className={css.wizard} data-testid="check-wizard" data-step={place.at}>
      <ScreenHead
        title={t('diagnostics.wizard.title')}
        facts={t('diagnostics.wizard.step', { step: at + 1, count: STEPS.length })}
      />
      <Stages
        names={STEPS.map((step) => t(`diagnostics.wizard.steps.${step}`))}
        at={at}
        finished={finished}
      />
      <Announcer text={t(`diagnostics.wizard.steps.${place.at}`)} everyMs={500} />
      {place.at === 'choose' && <ChooseStep />}
      {place.at === 'tests' && <TestsStep />}
      {place.at === 'watch' && <WatchStep ids={place.ids} />}
    </div>
  )
}
