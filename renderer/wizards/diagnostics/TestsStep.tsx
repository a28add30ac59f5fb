import { TextInput } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { CheckTest } from '../../../electron/contract/self-test'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { checkBlock, TEST_GROUPS } from '../../model/check'
import { useDevices } from '../../stores/devices'
import css from '../firmware/Wizard.module.css'
import own from './Check.module.css'
import { setForm, startChosen, toPlace, useDiagnostics } from './store'

const GROUPS = ['look', 'device', 'network'] as const

/** Which tests; the guided default is all of them, in order. */
export const TestsStep = () => {
  const { t } = useTranslation()
  const form = useDiagnostics((place) => place.form)
  const chosen = useDiagnostics((place) => place.chosen)
  const byUdn = useDevices((list) => list.byUdn)
  const udns = useMemo(
    () =>
      [...chosen].filter((udn) => {
        const device = byUdn.get(udn)
        return device !== undefined && checkBlock(device) === undefined
      }),
    [chosen, byUdn],
  )
  const start = useAction(startChosen)
  const toggle = (test: CheckTest) => {
    const tests = new Set(form.tests)
    if (!tests.delete(test)) tests.add(test)
    setForm({ tests })
  }
  return (
    <Panel className={css.panel} label={t('diagnostics.wizard.steps.tests')}>
      <div className={css.scroll}>
        <p className={own.lead}>{t('diagnostics.wizard.guided')}</p>
        <div className={own.groups}>
          {GROUPS.map((group) => (
            <fieldset key={group} className={own.group}>
              <legend className="strong">{t(`diagnostics.testGroup.${group}`)}</legend>
              {TEST_GROUPS[group].map((test) => (
                <label key={test} className={own.test}>
                  <input
                    type="checkbox"
                    className="box"
                    checked={form.tests.has(test)}
                    onChange={() => toggle(test)}
                    data-testid={`check-test-${test}`}
                  />
                  <span>
                    {t(`diagnostics.test.${test}`)}
                    <span className={`mute ${own.testHint}`}>{t(`jobs.stepHint.check.${test}`)}</span>
                  </span>
                </label>
              ))}
            </fieldset>
          ))}
        </div>
        <div className={own.fields}>
          <TextInput
            label={t('diagnostics.wizard.host')}
            description={t('diagnostics.wizard.hostHint')}
            value={form.host}
            maxLength={253}
            onChange={(event) => setForm({ host: event.currentTarget.value })}
            data-testid="check-host"
          />
          <TextInput
            label={t('diagnostics.wizard.dnsName')}
            description={t('diagnostics.wizard.dnsHint')}
            value={form.dnsName}
            maxLength={253}
            onChange={(event) => setForm({ dnsName: event.currentTarget.value })}
            data-testid="check-dns"
          />
        </div>
        {start.error && <ErrorBox error={start.error} />}
      </div>
      <div className={css.foot}>
        <Button
          kind={form.tests.size === 0 ? 'plain' : 'primary'}
          needs="check.start"
          busy={start.busy}
          reason={
            udns.length === 0
              ? t('diagnostics.wizard.nothing')
              : form.tests.size === 0
                ? t('diagnostics.wizard.noTest')
                : undefined
          }
          onClick={() => void start.run(udns)}
          data-testid="check-start"
        >
          {t('diagnostics.wizard.start', { count: udns.length })}
        </Button>
        <Button onClick={() => toPlace({ at: 'choose' })} data-testid="check-back">
          {t('shell.back')}
        </Button>
      </div>
    </Panel>
  )
}
