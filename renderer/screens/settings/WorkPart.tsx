import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Settings } from '../../../electron/contract/settings'
import { Allowed } from '../../components/Allowed'
import { Part } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { saveSettings } from '../../stores/session'
import css from './Settings.module.css'

const MX = [1, 2, 3, 4, 5]
const CONCURRENCY = [1, 2, 4, 8, 16, 32, 64]

/** How hard the network and the devices are worked. */
export const WorkPart = ({ settings }: { readonly settings: Settings }) => {
  const { t } = useTranslation()
  const save = useAction(saveSettings)
  const concurrency = CONCURRENCY.includes(settings.jobConcurrency)
    ? CONCURRENCY
    : [...CONCURRENCY, settings.jobConcurrency].sort((a, b) => a - b)
  return (
    <Part title={t('settings.work.title')}>
      <Allowed needs="settings.set">
        <div className={css.fields}>
          <div className={css.pair}>
            <NativeSelect
              label={t('settings.work.mx')}
              description={t('settings.work.mxHint')}
              value={String(settings.searchMxS)}
              data={MX.map((count) => ({
                value: String(count),
                label: t('settings.work.seconds', { count }),
              }))}
              onChange={(event) => void save.run({ searchMxS: Number(event.currentTarget.value) })}
              data-testid="settings-mx"
            />
            <NativeSelect
              label={t('settings.work.concurrency')}
              description={t('settings.work.concurrencyHint')}
              value={String(settings.jobConcurrency)}
              data={concurrency.map(String)}
              onChange={(event) => void save.run({ jobConcurrency: Number(event.currentTarget.value) })}
              data-testid="settings-concurrency"
            />
          </div>
          {save.error && <ErrorBox error={save.error} />}
        </div>
      </Allowed>
    </Part>
  )
}
