import { memo, useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { assertNever } from '../../../electron/contract/assert-never'
import type { FirmwareBundle } from '../../../electron/contract/firmware'
import { Button } from '../../components/Button'
import { Chips } from '../../components/Chips'
import { Panel, Teach } from '../../components/Panel'
import { Pill } from '../../components/Pill'
import { ErrorBox } from '../../components/StateBox'
import { type TableColumn, VirtualTable } from '../../components/VirtualTable'
import { useLanguage } from '../../i18n'
import {
  type Candidate,
  FIT_FILTERS,
  type FitFilter,
  filterCandidates,
  unfitCounts,
} from '../../model/firmware-fits'
import board from '../../screens/firmware/Board.module.css'
import { useFirmware } from '../../stores/firmware'
import {
  askFits,
  chooseDevices,
  showBundleStep,
  showPlanStep,
  toggleDevice,
  useFirmwareWizard,
  type WizardPlace,
} from './store'
import css from './Wizard.module.css'

type Column = 'device' | 'model' | 'group' | 'firmware' | 'verdict' | 'detail'

const COLUMNS: readonly TableColumn<Column>[] = [
  { key: 'device', min: 150, grow: 2, priority: 10 },
  { key: 'model', min: 90, grow: 0.7, priority: 3 },
  { key: 'group', min: 100, grow: 1, priority: 2 },
  { key: 'firmware', min: 80, grow: 0.5, priority: 5 },
  { key: 'verdict', min: 130, grow: 0.5, priority: 9 },
  { key: 'detail', min: 200, grow: 3, priority: 8 },
]

const Dash = () => <span className="mute">—</span>

const Verdict = ({ candidate }: { readonly candidate: Candidate }) => {
  const { t } = useTranslation()
  if (!candidate.choosable)
    return (
      <Pill tone="neutral" sign="dash">
        {t('rollout.devices.not')}
      </Pill>
    )
  return candidate.fit.reason === 'offline' ? (
    <Pill tone="neutral">{t('rollout.devices.fitsLater')}</Pill>
  ) : (
    <Pill tone="ok">{t('rollout.devices.fits')}</Pill>
  )
}

const Why = ({ candidate }: { readonly candidate: Candidate }) => {
  const { t } = useTranslation()
  const { fit, choosable, device } = candidate
  const model = useFirmwareWizard(({ place }) => (place.at === 'wizard' ? place.bundleId : ''))
  const wanted = useFirmware(
    (mirror) => mirror.library?.bundles.find(({ id }) => id === model)?.manifest.model,
  )
  const version = fit.currentVersion ?? device?.firmwareVersion
  const text = choosable
    ? fit.reason === 'offline'
      ? t('rollout.devices.why.later')
      : version
        ? t('rollout.devices.why.fits', { version })
        : t('rollout.devices.why.fitsUnknown')
    : t(`rollout.devices.why.${fit.reason ?? 'unknown-state'}`, { model: wanted ?? '—' })
  return (
    <span className={choosable ? 'mute' : undefined} title={fit.detail ?? text}>
      {text}
    </span>
  )
}

const Cell = memo(({ row, column }: { readonly row: Candidate; readonly column: Column }) => {
  const { device, fit } = row
  switch (column) {
    case 'device':
      return <span className={row.choosable ? 'strong' : undefined}>{row.label}</span>
    case 'model':
      return device?.model ?? <Dash />
    case 'group':
      return device?.group ?? <Dash />
    case 'firmware': {
      const version = fit.currentVersion ?? device?.firmwareVersion
      return version ? <span className="mono">{version}</span> : <Dash />
    }
    case 'verdict':
      return <Verdict candidate={row} />
    case 'detail':
      return <Why candidate={row} />
    default:
      return assertNever(column)
  }
})

const keyOf = ({ fit }: Candidate) => fit.udn
const rowTestid = ({ fit }: Candidate) => `firmware-fit-${fit.udn}`
const stateOf = ({ choosable, fit }: Candidate) => (choosable ? 'fits' : (fit.reason ?? 'unknown-state'))
const able = ({ choosable }: Candidate) => choosable

/** Which devices: those that fit can be chosen, the others say why not. */
export const DevicesStep = ({
  place,
  candidates,
}: {
  readonly place: WizardPlace
  readonly bundle: FirmwareBundle | undefined
  readonly candidates: readonly Candidate[]
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const [filter, setFilter] = useState<FitFilter>('all')
  const [typed, setTyped] = useState('')
  const text = useDeferredValue(typed)
  const { chosen, fits, fitsError } = place
  const shown = useMemo(() => filterCandidates(candidates, filter, text), [candidates, filter, text])
  const fitting = useMemo(() => candidates.filter(able), [candidates])
  const shownFitting = useMemo(() => shown.filter(able), [shown])
  const valid = useMemo(() => fitting.filter(({ fit }) => chosen.has(fit.udn)).length, [fitting, chosen])
  const reasons = useMemo(() => unfitCounts(candidates), [candidates])
  const counts = { all: candidates.length, fits: fitting.length, not: candidates.length - fitting.length }
  const chosenShown = shownFitting.filter(({ fit }) => chosen.has(fit.udn)).length
  const allChosen = chosenShown > 0 && chosenShown === shownFitting.length
  const toggleAll = () => {
    const next = new Set(chosen)
    for (const { fit } of shownFitting) {
      if (allChosen) next.delete(fit.udn)
      else next.add(fit.udn)
    }
    chooseDevices(next)
  }
  return (
    <Panel className={css.panel} label={t('rollout.steps.devices')}>
      <div className={board.tools}>
        <Chips
          label={t('devices.filters')}
          all={FIT_FILTERS}
          on={filter}
          text={(one) => `${t(`rollout.devices.filter.${one}`)} ${counts[one].toLocaleString(language)}`}
          onPick={setFilter}
          testid="fit-filter"
        />
        <input
          type="search"
          className={board.search}
          value={typed}
          placeholder={t('rollout.devices.search')}
          aria-label={t('rollout.devices.search')}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-testid="fit-search"
        />
        <span className={css.toolsEnd}>
          <Button
            small
            reason={shownFitting.length === 0 ? t('rollout.devices.none') : undefined}
            onClick={toggleAll}
            data-testid="firmware-select-all"
          >
            {allChosen
              ? t('rollout.devices.clear')
              : t('rollout.devices.selectAllCount', { count: shownFitting.length })}
          </Button>
        </span>
      </div>
      {fitsError ? (
        <div className={css.scroll}>
          <ErrorBox error={fitsError}>
            <Button small onClick={() => void askFits()}>
              {t('shell.retry')}
            </Button>
          </ErrorBox>
        </div>
      ) : fits === undefined ? (
        <div className={css.scroll}>
          <p className="mute" role="status">
            {t('rollout.devices.asking')}
          </p>
        </div>
      ) : shown.length === 0 ? (
        <div className={css.scroll}>
          <Teach
            title={t(
              filter === 'fits' && fitting.length === 0 ? 'rollout.devices.none' : 'rollout.devices.noMatch',
            )}
            actions={
              <Button
                onClick={() => {
                  setFilter('all')
                  setTyped('')
                }}
              >
                {t('rollout.devices.showAll')}
              </Button>
            }
          >
            <p>
              {t(
                filter === 'fits' && fitting.length === 0
                  ? 'rollout.devices.noneText'
                  : 'rollout.devices.noMatchText',
              )}
            </p>
          </Teach>
        </div>
      ) : (
        <VirtualTable
          rows={shown}
          keyOf={keyOf}
          columns={COLUMNS}
          Cell={Cell}
          head={(column) => <span>{t(`rollout.devices.column.${column}`)}</span>}
          label={t('rollout.devices.table')}
          testid="firmware-devices"
          rowTestid={rowTestid}
          stateOf={stateOf}
          choice={{
            chosen,
            toggle: toggleDevice,
            able,
            labelOf: ({ label }) => t('rollout.devices.select', { name: label }),
            all: (
              <input
                type="checkbox"
                className="box"
                aria-label={t('rollout.devices.selectAll')}
                checked={allChosen}
                disabled={shownFitting.length === 0}
                ref={(box) => {
                  if (box) box.indeterminate = chosenShown > 0 && !allChosen
                }}
                onChange={toggleAll}
              />
            ),
          }}
        />
      )}
      <div className={css.foot}>
        <Button
          kind={valid === 0 ? 'plain' : 'primary'}
          reason={valid === 0 ? t('rollout.devices.nothing') : undefined}
          onClick={showPlanStep}
          data-testid="firmware-next"
        >
          {t('rollout.continue')}
        </Button>
        <Button onClick={showBundleStep} data-testid="firmware-back">
          {t('shell.back')}
        </Button>
        <span className="strong tnum" role="status">
          {t('rollout.devices.chosen', { count: valid })}
        </span>
        <span className={css.footNote}>
          {reasons
            .slice(0, 3)
            .map(
              ([reason, count]) =>
                `${count.toLocaleString(language)} ${t(`rollout.devices.short.${reason}`)}`,
            )
            .join(' · ')}
        </span>
      </div>
    </Panel>
  )
}
