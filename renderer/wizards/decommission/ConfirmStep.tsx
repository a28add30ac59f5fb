import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isPhrase } from '../../../electron/contract/decommission'
import { Allowed } from '../../components/Allowed'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { sumPreview } from '../../model/decommission'
import css from '../firmware/Wizard.module.css'
import own from './Decommission.module.css'
import { setLeaving, startLeaving, useLeaving } from './store'

/** What will happen in which order, and the words that a person types by hand. */
export const ConfirmStep = () => {
  const { t } = useTranslation()
  const preview = useLeaving((leaving) => leaving.preview)
  const reason = useLeaving((leaving) => leaving.reason)
  const keepOut = useLeaving((leaving) => leaving.keepOut)
  const [typed, setTyped] = useState('')
  const start = useAction(startLeaving)
  const sum = sumPreview(preview?.rows ?? [])
  const phrase = preview?.phrase ?? ''
  const right = phrase !== '' && isPhrase(typed, phrase)
  const lines = [
    sum.jobs > 0
      ? t('endOfLife.confirm.willFreeze', { count: sum.jobs })
      : t('endOfLife.confirm.willFreezeNone'),
    sum.certificates > 0 && t('endOfLife.confirm.willRevoke', { count: sum.certificates }),
    keepOut && sum.identities > 0 && t('endOfLife.confirm.willBlock', { count: sum.identities }),
    sum.online > 0 && t('endOfLife.confirm.willWipe', { count: sum.online }),
    sum.offline > 0 && t('endOfLife.confirm.willWait', { count: sum.offline }),
    t('endOfLife.confirm.willProve'),
  ].filter((line) => line !== false)
  return (
    <Panel className={css.panel} label={t('endOfLife.steps.confirm')}>
      <form
        className={own.confirm}
        onSubmit={(event) => {
          event.preventDefault()
          if (right) void start.run(typed)
        }}
      >
        <div className={css.scroll}>
          <div className={own.column}>
            <p className={own.danger}>
              <Sign name="warning" size={14} /> <strong>{t('endOfLife.confirm.title')}</strong>
            </p>
            <section className={own.will}>
              <h2>{t('endOfLife.confirm.willTitle')}</h2>
              <ol className={css.will}>
                {lines.map((line) => (
                  <li key={line}>{line}</li>
                ))}
              </ol>
              <p className="mute">
                {t('endOfLife.confirm.reasonIs', { reason: t(`endOfLife.reason.${reason}`) })}
                {sum.leftOut > 0 && <> · {t('endOfLife.confirm.leftOut', { count: sum.leftOut })}</>}
              </p>
            </section>
            <Allowed needs="decommission.start">
              <section className={own.phraseBox}>
                <p className="mute">{t('endOfLife.confirm.type')}</p>
                <p className={own.phrase} data-testid="decommission-phrase-wanted">
                  {phrase}
                </p>
                <TextInput
                  label={t('endOfLife.confirm.field')}
                  description={t('endOfLife.confirm.fieldHint')}
                  value={typed}
                  maxLength={120}
                  autoComplete="off"
                  autoCapitalize="off"
                  spellCheck={false}
                  data-autofocus
                  autoFocus
                  classNames={{ input: 'mono' }}
                  onChange={(event) => setTyped(event.currentTarget.value)}
                  data-testid="decommission-phrase"
                />
              </section>
            </Allowed>
            {start.error && <ErrorBox error={start.error} />}
          </div>
        </div>
        <div className={css.foot}>
          <Button
            type="submit"
            kind={right ? 'danger' : 'plain'}
            busy={start.busy}
            reason={right ? undefined : t('endOfLife.confirm.notYet')}
            needs="decommission.start"
            data-testid="decommission-start"
          >
            {t('endOfLife.confirm.start', { count: sum.able })}
          </Button>
          <Button onClick={() => setLeaving({ step: 'check' })} data-testid="decommission-back">
            {t('endOfLife.check.back')}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
