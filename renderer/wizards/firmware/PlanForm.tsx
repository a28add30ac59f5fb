import { NumberInput, Switch, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { localMoment, localTime, toUtcInput, utcInput } from '../../model/firmware-figures'
import type { PlanForm as Form, PlanProblem } from '../../model/firmware-plan'
import { useClock } from '../../stores/clock'
import { setForm } from './store'
import css from './Wizard.module.css'

/** A field that holds text while it is edited gives no number: then the plan says what is wrong. */
const numberOf = (value: string | number): number => (typeof value === 'number' ? value : Number.NaN)

const Radio = ({
  name,
  checked,
  onPick,
  label,
  testid,
}: {
  readonly name: string
  readonly checked: boolean
  readonly onPick: () => void
  readonly label: string
  readonly testid: string
}) => (
  <label className={css.radioLine}>
    <input
      type="radio"
      name={name}
      className="radio"
      checked={checked}
      onChange={onPick}
      data-testid={testid}
    />
    {label}
  </label>
)

/** Waves, gates and times. */
export const PlanForm = ({
  form,
  problem,
}: {
  readonly form: Form
  readonly problem: PlanProblem | undefined
}) => {
  const { t } = useTranslation()
  const minuteMs = useClock(({ nowMs }) => Math.floor(nowMs / 60_000) * 60_000)
  const startMs = utcInput(form.startAt)
  const errorOf = (...ones: readonly PlanProblem[]) =>
    problem && ones.includes(problem) ? t(`rollout.plan.problem.${problem}`) : undefined
  const number = (value: number) => (Number.isNaN(value) ? '' : value)
  return (
    <div className={css.form}>
      <fieldset className={css.group}>
        <legend>{t('rollout.plan.waves')}</legend>
        <div className={css.pair}>
          <NumberInput
            label={t('rollout.plan.canary')}
            description={t('rollout.plan.canaryHint')}
            value={number(form.canary)}
            min={0}
            max={5000}
            allowDecimal={false}
            onChange={(value) => setForm({ canary: numberOf(value) })}
            error={errorOf('canary')}
            data-testid="plan-canary"
          />
          <TextInput
            label={t('rollout.plan.shares')}
            description={t('rollout.plan.sharesHint')}
            value={form.shares}
            maxLength={80}
            onChange={(event) => setForm({ shares: event.currentTarget.value })}
            error={errorOf('shares')}
            data-testid="plan-shares"
          />
        </div>
      </fieldset>
      <fieldset className={css.group}>
        <legend>{t('rollout.plan.gates')}</legend>
        <div className={css.pair}>
          <NumberInput
            label={t('rollout.plan.pass')}
            value={number(form.passPercent)}
            min={0}
            max={100}
            onChange={(value) => setForm({ passPercent: numberOf(value) })}
            error={errorOf('pass')}
            data-testid="plan-pass"
          />
          <NumberInput
            label={t('rollout.plan.soak')}
            value={number(form.soakMinutes)}
            min={0}
            max={43_200}
            onChange={(value) => setForm({ soakMinutes: numberOf(value) })}
            error={errorOf('soak')}
            data-testid="plan-soak"
          />
          <NumberInput
            label={t('rollout.plan.errors')}
            value={number(form.errorPercent)}
            min={0}
            max={100}
            onChange={(value) => setForm({ errorPercent: numberOf(value) })}
            error={errorOf('errors')}
            data-testid="plan-errors"
          />
          <NumberInput
            label={t('rollout.plan.sample')}
            value={number(form.minimumSample)}
            min={1}
            max={5000}
            allowDecimal={false}
            onChange={(value) => setForm({ minimumSample: numberOf(value) })}
            error={errorOf('sample')}
            data-testid="plan-sample"
          />
        </div>
      </fieldset>
      <fieldset className={css.group}>
        <legend>{t('rollout.plan.time')}</legend>
        <div className={css.radios}>
          <Radio
            name="start"
            checked={!form.startLater}
            onPick={() => setForm({ startLater: false })}
            label={t('rollout.plan.now')}
            testid="plan-now"
          />
          <Radio
            name="start"
            checked={form.startLater}
            onPick={() =>
              setForm({ startLater: true, startAt: form.startAt || toUtcInput(minuteMs + 3_600_000) })
            }
            label={t('rollout.plan.later')}
            testid="plan-later"
          />
        </div>
        {form.startLater && (
          <TextInput
            label={t('rollout.plan.startAt')}
            description={
              startMs === undefined ? undefined : t('firmware.moment.local', { at: localMoment(startMs) })
            }
            value={form.startAt}
            maxLength={16}
            placeholder="2026-11-24 22:00"
            classNames={{ input: 'mono' }}
            onChange={(event) => setForm({ startAt: event.currentTarget.value })}
            error={errorOf('start', 'past')}
            data-testid="plan-start-at"
          />
        )}
        <Switch
          label={t('rollout.plan.window')}
          checked={form.useWindow}
          onChange={(event) => setForm({ useWindow: event.currentTarget.checked })}
          data-testid="plan-window"
        />
        {form.useWindow && (
          <div className={css.pair}>
            <TextInput
              maxLength={5}
              placeholder="22:00"
              classNames={{ input: 'mono' }}
              label={t('rollout.plan.from')}
              value={form.from}
              onChange={(event) => setForm({ from: event.currentTarget.value })}
              error={errorOf('window')}
              data-testid="plan-from"
            />
            <TextInput
              maxLength={5}
              placeholder="22:00"
              classNames={{ input: 'mono' }}
              label={t('rollout.plan.to')}
              value={form.to}
              onChange={(event) => setForm({ to: event.currentTarget.value })}
              data-testid="plan-to"
            />
            {!errorOf('window') && (
              <p className={`mute ${css.spanAll}`}>
                {t('rollout.plan.localWindow', {
                  from: localTime(form.from, minuteMs),
                  to: localTime(form.to, minuteMs),
                })}
              </p>
            )}
          </div>
        )}
        <Switch
          label={t('rollout.plan.ahead')}
          description={t('rollout.plan.aheadHint')}
          checked={form.downloadAhead}
          onChange={(event) => setForm({ downloadAhead: event.currentTarget.checked })}
          data-testid="plan-ahead"
        />
      </fieldset>
      <fieldset className={css.group}>
        <legend>{t('rollout.plan.confirm')}</legend>
        <div className={css.radios}>
          <Radio
            name="confirm"
            checked={form.confirm === 'device'}
            onPick={() => setForm({ confirm: 'device' })}
            label={t('rollout.plan.confirmDevice')}
            testid="plan-confirm-device"
          />
          <Radio
            name="confirm"
            checked={form.confirm === 'after-soak'}
            onPick={() => setForm({ confirm: 'after-soak' })}
            label={t('rollout.plan.confirmSoak')}
            testid="plan-confirm-soak"
          />
        </div>
      </fieldset>
    </div>
  )
}
