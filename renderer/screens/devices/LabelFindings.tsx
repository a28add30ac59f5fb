import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { shortUdn } from '../../model/device-facts'
import { loadFindings, useLabels } from '../../stores/labels'
import { openDetail } from '../../stores/view'
import css from './LabelFindings.module.css'

/** The devices that carry a wrong label, each a way to its drawer. Nothing while there is none. */
export const LabelFindings = () => {
  const { t } = useTranslation()
  const byUdn = useLabels((labels) => labels.byUdn)
  const open = useMemo(() => [...byUdn.values()].filter(({ state }) => state !== 'matches'), [byUdn])
  const { run, error } = useAction(loadFindings)
  useEffect(() => void run(), [run])
  if (error) return <ErrorBox error={error} />
  if (open.length === 0) return null
  return (
    <section className={css.findings} aria-label={t('sitePlan.label.open')} data-testid="label-findings">
      <span className={css.title}>
        <Sign name="warning" size={11} /> {t('sitePlan.label.open')}
      </span>
      <ul>
        {open.map(({ udn, name, state, labelName, labelSerialNumber }) => (
          <li key={udn}>
            <Button
              small
              kind="quiet"
              onClick={() => openDetail(udn)}
              title={t(`sitePlan.label.finding.${state}.what`, {
                name: name || shortUdn(udn),
                other: labelName || labelSerialNumber || '—',
              })}
              data-testid={`label-finding-${udn}`}
            >
              {name || shortUdn(udn)} {state === 'swapped' ? '⇄' : '→'}{' '}
              {labelName || labelSerialNumber || '—'}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
