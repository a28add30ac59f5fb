import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Status } from '../../../electron/contract/ipc'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { EMPTY_ANSWERS, missingAnswer, type SetupAnswers, setupRequest } from '../../model/setup-answers'
import { setUp, startPractice } from '../../stores/session'
import { Languages } from './Languages'
import { NetworksQuestion } from './NetworksQuestion'
import { PassphraseQuestion } from './PassphraseQuestion'
import css from './Setup.module.css'
import { SiteQuestion } from './SiteQuestion'

/** First run: three questions, or the practice site. */
export const Setup = ({ status }: { readonly status: Status }) => {
  const { t } = useTranslation()
  const [answers, setAnswers] = useState<SetupAnswers>({
    ...EMPTY_ANSWERS,
    technician: status.technician,
    siteName: status.siteName,
  })
  const change = (part: Partial<SetupAnswers>) => setAnswers((before) => ({ ...before, ...part }))
  const start = useAction(() => setUp(setupRequest(answers, status.osKeyStore)))
  const practice = useAction(startPractice)
  const missing = missingAnswer(answers, status.osKeyStore)
  return (
    <main className={css.page}>
      <Languages />
      <div className={css.columns}>
        <Panel className={css.questions}>
          <form
            className={css.form}
            onSubmit={(event) => {
              event.preventDefault()
              if (!missing) void start.run()
            }}
          >
            <div>
              <h1>{t('setup.title')}</h1>
              <p className="mute">{t('setup.intro')}</p>
            </div>
            <section className={css.question}>
              <h2>1 · {t('setup.who.title')}</h2>
              <TextInput
                label={t('setup.who.label')}
                description={t('setup.who.hint')}
                placeholder={t('setup.who.placeholder')}
                value={answers.technician}
                maxLength={63}
                autoComplete="off"
                onChange={(event) => change({ technician: event.currentTarget.value })}
                data-testid="setup-technician"
              />
            </section>
            <NetworksQuestion answers={answers} change={change} />
            <SiteQuestion answers={answers} change={change} />
            {!status.osKeyStore && <PassphraseQuestion answers={answers} change={change} />}
            {start.error && <ErrorBox error={start.error} />}
            <div className={css.foot}>
              <Button
                type="submit"
                kind="primary"
                busy={start.busy}
                reason={missing && t('setup.stillNeeded', { what: t(`setup.missing.${missing}`) })}
                data-testid="setup-start"
              >
                {t('setup.start')}
              </Button>
              {status.osKeyStore && <span className="mute">{t('setup.keyStore')}</span>}
            </div>
          </form>
        </Panel>
        <Panel className={css.practice}>
          <h2>{t('setup.practice.title')}</h2>
          <p className="mute">{t('setup.practice.text')}</p>
          {practice.error && <ErrorBox error={practice.error} />}
          <div>
            <Button busy={practice.busy} onClick={() => void practice.run()} data-testid="practice-start">
              {t('setup.practice.button')}
            </Button>
          </div>
        </Panel>
      </div>
    </main>
  )
}
