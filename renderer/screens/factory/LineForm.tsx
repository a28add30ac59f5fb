import { Switch } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type StationConfig, stationConfigSchema } from '../../../electron/contract/factory'
import { Allowed } from '../../components/Allowed'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { configureStation } from '../../stores/factory'
import css from './Factory.module.css'
import { SettledField } from './SettledField'

const { lineName, model, hardwareType, failuresBeforeLock, idleMinutes } = stationConfigSchema.shape

const TEXTS = {
  lineName: { shape: lineName, maxLength: 40 },
  model: { shape: model, maxLength: 31 },
  hardwareType: { shape: hardwareType, maxLength: 120 },
} as const
const NUMBERS = { failuresBeforeLock, idleMinutes } as const
const SWITCHES = ['startOnScan', 'acceptSoftwareKeys'] as const

/** What is made here and by which rules; each answer is kept as it is given. */
export const LineForm = ({ config }: { readonly config: StationConfig }) => {
  const { t } = useTranslation()
  const save = useAction(configureStation)
  return (
    <div className={css.scroll}>
      <Allowed needs="station.configure">
        <h2>{t('factory.line.title')}</h2>
        <div className={css.pair}>
          {(['lineName', 'model'] as const).map((field) => (
            <SettledField
              key={field}
              label={t(`factory.line.${field}`)}
              description={t(`factory.line.hint.${field}`)}
              value={config[field]}
              maxLength={TEXTS[field].maxLength}
              problemOf={(text) =>
                TEXTS[field].shape.safeParse(text).success ? undefined : t('factory.line.empty')
              }
              onSettle={(value) => void save.run({ [field]: value })}
              testid={`line-${field}`}
            />
          ))}
        </div>
        <SettledField
          label={t('factory.line.hardwareType')}
          description={t('factory.line.hint.hardwareType')}
          value={config.hardwareType}
          maxLength={TEXTS.hardwareType.maxLength}
          mono
          problemOf={(text) => (hardwareType.safeParse(text).success ? undefined : t('factory.line.badOid'))}
          onSettle={(value) => void save.run({ hardwareType: value })}
          testid="line-hardwareType"
        />
        <div className={css.pair}>
          {(['failuresBeforeLock', 'idleMinutes'] as const).map((field) => (
            <SettledField
              key={field}
              label={t(`factory.line.${field}`)}
              description={t(`factory.line.hint.${field}`)}
              value={String(config[field])}
              maxLength={3}
              problemOf={(text) =>
                /^\d+$/.test(text) && NUMBERS[field].safeParse(Number(text)).success
                  ? undefined
                  : t(`factory.line.bad.${field}`)
              }
              onSettle={(value) => void save.run({ [field]: Number(value) })}
              testid={`line-${field}`}
            />
          ))}
        </div>
        {SWITCHES.map((field) => (
          <Switch
            key={field}
            label={t(`factory.line.${field}`)}
            description={t(`factory.line.hint.${field}`)}
            checked={config[field]}
            onChange={(event) => void save.run({ [field]: event.currentTarget.checked })}
            data-testid={`line-${field}`}
          />
        ))}
        {save.error && <ErrorBox error={save.error} />}
      </Allowed>
    </div>
  )
}
