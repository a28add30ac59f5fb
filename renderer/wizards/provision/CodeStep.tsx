import { TextInput } from '@mantine/core'
import { useLayoutEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { SETUP_CODE } from '../../../electron/contract/timings'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { StateBox } from '../../components/StateBox'
import { codeProblem, groupCode, shapeCode } from '../../model/setup-code'
import { goBack, goOn, setCode, useProvision } from '../../stores/provision'
import css from './Provision.module.css'
import { Will } from './Will'

/** The code on the label, in two groups as it is printed. */
export const CodeStep = () => {
  const { t } = useTranslation()
  const code = useProvision((wizard) => wizard.code)
  const wrong = useProvision((wizard) => wizard.wrongCodes)
  const field = useRef<HTMLInputElement>(null)
  const caret = useRef<number>(undefined)
  const text = groupCode(code)
  // Grouping moves characters: the caret stays behind the one that was typed.
  useLayoutEffect(() => {
    if (caret.current !== undefined) field.current?.setSelectionRange(caret.current, caret.current)
    caret.current = undefined
  })
  const problem = codeProblem(code)
  const reason =
    problem === undefined
      ? undefined
      : t(problem === 'short' ? 'provision.code.short' : 'provision.code.needed')
  return (
    <div className={css.split}>
      <Panel className={css.panel} label={t('provision.steps.code')}>
        <form
          className={css.fill}
          onSubmit={(event) => {
            event.preventDefault()
            if (!problem) goOn()
          }}
        >
          <div className={css.scroll}>
            {wrong > 0 && (
              <StateBox
                tone="warn"
                what={t('provision.code.wrongWhat', { count: wrong, max: SETUP_CODE.triesBeforeLock })}
                state={t('provision.code.wrongState', { max: SETUP_CODE.triesBeforeLock })}
                next={t('provision.code.wrongNext')}
              />
            )}
            <TextInput
              ref={field}
              className={css.code ?? ''}
              classNames={{ input: css.codeInput ?? '' }}
              label={t('provision.code.label')}
              description={t('provision.code.hint')}
              value={text}
              maxLength={16}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              error={problem === 'symbol' ? t('provision.code.symbol') : undefined}
              onChange={({ currentTarget }) => {
                const shaped = shapeCode(currentTarget.value, currentTarget.selectionStart ?? 0)
                caret.current = shaped.caret
                setCode(shaped.text.replace('-', ''))
              }}
              data-autofocus
              autoFocus
              data-testid="provision-code"
            />
            <p className="mute">{t('provision.code.alike')}</p>
            <p className="mute">{t('provision.code.never')}</p>
          </div>
          <div className={css.foot}>
            <Button kind="primary" type="submit" reason={reason} data-testid="provision-next">
              {t('provision.continue')}
            </Button>
            <Button onClick={goBack} data-testid="provision-back">
              {t('shell.back')}
            </Button>
            <span className={css.footNote}>{t('provision.nothingChanged')}</span>
          </div>
        </form>
      </Panel>
      <Will />
    </div>
  )
}
