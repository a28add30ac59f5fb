import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { DEFAULT_THRESHOLDS, METRIC_UNITS, type Threshold } from '../../../electron/contract/health'
import type { Settings } from '../../../electron/contract/settings'
import { Allowed } from '../../components/Allowed'
import { Button } from '../../components/Button'
import { Part } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { withRaises, withThreshold } from '../../model/health'
import { saveSettings } from '../../stores/session'
import css from './Settings.module.css'

/** A number that is kept when the field is left or Enter is pressed. */
const Limit = ({
  label,
  value,
  unit,
  onSettle,
  testid,
}: {
  readonly label: string
  readonly value: number | undefined
  readonly unit: string
  readonly onSettle: (value: number | undefined) => void
  readonly testid: string
}) => {
  const [text, setText] = useState(value === undefined ? '' : String(value))
  useEffect(() => setText(value === undefined ? '' : String(value)), [value])
  const settle = () => {
    const next = text.trim() === '' ? undefined : Number(text.replace(',', '.'))
    if (next !== undefined && !Number.isFinite(next)) setText(value === undefined ? '' : String(value))
    else if (next !== value) onSettle(next)
  }
  return (
    <span className={css.limit}>
      <input
        inputMode="decimal"
        value={text}
        aria-label={label}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={settle}
        onKeyDown={(event) => event.key === 'Enter' && settle()}
        data-testid={testid}
      />
      <span className="mute">{unit}</span>
    </span>
  )
}

/** Limits that the health of every device is held to, in plain words. */
export const ThresholdsPart = ({ settings }: { readonly settings: Settings }) => {
  const { t } = useTranslation()
  const save = useAction(saveSettings)
  const [crossed, setCrossed] = useState(false)
  const change = (threshold: Threshold, warn: number | undefined, bad: number | undefined) => {
    const next = withRaises(threshold, warn, bad)
    setCrossed(next === undefined)
    if (next) void save.run({ thresholds: withThreshold(settings.thresholds, next) })
  }
  return (
    <Part
      title={t('diagnostics.limits.title')}
      hint={t('diagnostics.limits.hint')}
      testid="settings-thresholds"
      aside={
        <Button
          small
          kind="quiet"
          needs="settings.set"
          onClick={() => void save.run({ thresholds: [...DEFAULT_THRESHOLDS] })}
          data-testid="thresholds-reset"
        >
          {t('diagnostics.limits.reset')}
        </Button>
      }
    >
      <Allowed needs="settings.set">
        <table className={css.limits}>
          <thead>
            <tr>
              <td />
              <th scope="col">{t('diagnostics.limits.warn')}</th>
              <th scope="col">{t('diagnostics.limits.bad')}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {settings.thresholds.map((one) => {
              const metric = t(`diagnostics.metric.${one.metric}`)
              const name = t(`diagnostics.limits.${one.direction}`, { metric })
              const unit = METRIC_UNITS[one.metric]
              return (
                <tr key={`${one.metric} ${one.direction}`}>
                  <th scope="row">{name}</th>
                  <td>
                    <Limit
                      label={t('diagnostics.limits.warnOf', { name })}
                      value={one.warn?.raise}
                      unit={unit}
                      onSettle={(warn) => change(one, warn, one.bad?.raise)}
                      testid={`threshold-${one.metric}-${one.direction}-warn`}
                    />
                  </td>
                  <td>
                    <Limit
                      label={t('diagnostics.limits.badOf', { name })}
                      value={one.bad?.raise}
                      unit={unit}
                      onSettle={(bad) => change(one, one.warn?.raise, bad)}
                      testid={`threshold-${one.metric}-${one.direction}-bad`}
                    />
                  </td>
                  <td className="mute">
                    {one.holdS > 0 && t('diagnostics.limits.hold', { seconds: one.holdS })}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </Allowed>
      {crossed && (
        <p role="alert" className={css.limitsWrong}>
          {t('diagnostics.limits.cross')}
        </p>
      )}
      {save.error && <ErrorBox error={save.error} />}
    </Part>
  )
}
