import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { SITE_PLAN_LIMITS } from '../../../electron/contract/timings'
import { CallError } from '../../bridge'
import { Allowed } from '../../components/Allowed'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { DropZone } from '../../components/DropZone'
import { FileButton } from '../../components/FileButton'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { useMay } from '../../components/use-may'
import { comparePlan, importPlan } from '../../stores/plan'
import { saveExpected, useSite } from '../../stores/site'
import css from './Plan.module.css'
import { PlanScan } from './PlanScan'

interface Brought {
  readonly name: string
  readonly text: string
}

const linesOf = (text: string): number => text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '').length

/** Devices come onto the plan by a file or by a scanner. */
export const PlanBring = () => {
  const { t } = useTranslation()
  const count = useSite((site) => site.expected.length)
  const [file, setFile] = useState<Brought>()
  const [tooLong, setTooLong] = useState<CallError>()
  const [done, setDone] = useState(false)
  const [emptying, setEmptying] = useState(false)
  const may = useMay('plan.import')
  const take = async (one: File) => {
    setDone(false)
    bring.clear()
    setFile(undefined)
    setTooLong(undefined)
    const text = await one.text()
    const { fileMaxChars } = SITE_PLAN_LIMITS
    if (text.length <= fileMaxChars) {
      setFile({ name: one.name, text })
      return
    }
    const lines = [{ reason: 'too-long' as const, value: String(fileMaxChars) }]
    setTooLong(new CallError({ code: 'FILE_INVALID', subject: one.name, lines }))
  }
  const bring = useAction(async (mode: 'add' | 'replace') => {
    if (!file) return
    await importPlan(file.text, mode)
    setFile(undefined)
    setDone(true)
  })
  const clear = useAction(async () => {
    setEmptying(false)
    await saveExpected([])
    await comparePlan()
  })
  return (
    <div className={css.body}>
      <h2>{t('sitePlan.bring.title')}</h2>
      <Allowed needs="plan.import">
        <DropZone
          label={t('sitePlan.bring.title')}
          onFile={(one) => {
            if (may.may) void take(one)
          }}
          testid="plan-drop"
        >
          <span className="strong">{t('sitePlan.bring.drop')}</span>
          <FileButton small accept=".csv,.txt,.tsv,text/csv,text/plain" onFile={take} testid="plan-import">
            {t('sitePlan.bring.choose')}
          </FileButton>
          {count === 0 && <span className="mute">{t('sitePlan.bring.hint')}</span>}
        </DropZone>
      </Allowed>
      {file && (
        <>
          <p className="strong" role="status">
            {t('sitePlan.bring.file', { name: file.name, lines: linesOf(file.text) })}
          </p>
          <div className={css.buttons}>
            <Button
              small
              kind="primary"
              busy={bring.busy}
              onClick={() => void bring.run('add')}
              needs="plan.import"
              data-testid="plan-import-add"
            >
              {t('sitePlan.bring.add')}
            </Button>
            {count > 0 && (
              <Button
                small
                busy={bring.busy}
                onClick={() => void bring.run('replace')}
                needs="plan.import"
                data-testid="plan-import-replace"
              >
                {t('sitePlan.bring.replace')}
              </Button>
            )}
            <Button small kind="quiet" onClick={() => setFile(undefined)}>
              {t('sitePlan.bring.cancel')}
            </Button>
          </div>
        </>
      )}
      {done && (
        <p role="status" data-testid="plan-imported">
          {t('sitePlan.bring.done', { count })}
        </p>
      )}
      {tooLong && <ErrorBox error={tooLong} subject={tooLong.subject} />}
      {bring.error && <ErrorBox error={bring.error} subject={bring.error.subject ?? file?.name} />}
      <Allowed needs="plan.scan">
        <PlanScan />
      </Allowed>
      {count > 0 && (
        <div>
          <Button
            small
            kind="quiet"
            busy={clear.busy}
            onClick={() => setEmptying(true)}
            needs="enrollment.setExpected"
            data-testid="plan-clear"
          >
            {t('sitePlan.bring.clear')}
          </Button>
        </div>
      )}
      {clear.error && <ErrorBox error={clear.error} />}
      <Dialog
        title={t('sitePlan.bring.clearTitle')}
        open={emptying}
        onClose={() => setEmptying(false)}
        actions={
          <>
            <Button kind="danger" onClick={() => void clear.run()} data-testid="plan-clear-yes">
              {t('sitePlan.bring.clearYes')}
            </Button>
            <Button onClick={() => setEmptying(false)}>{t('shell.back')}</Button>
          </>
        }
      >
        <p>{t('sitePlan.bring.clearText')}</p>
      </Dialog>
    </div>
  )
}
