import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../electron/contract/error-texts'
import type { ErrorCode } from '../../electron/contract/errors'
import { type WrongLine, wrongLinesText } from '../../electron/contract/wrong-lines'
import { useLanguage } from '../i18n'
import type { Tone } from '../model/device-facts'
import css from './StateBox.module.css'

/** Three sentences where the eye already is: what happened, how it is now, and what to do next. */
export const StateBox = ({
  tone,
  what,
  state,
  next,
  detail,
  alert,
  children,
}: {
  readonly tone: Tone
  readonly what: string
  readonly state: string
  readonly next: string
  /** One technical phrase, for whoever is asked for help. */
  readonly detail?: string | undefined
  /** Read out at once by a screen reader. */
  readonly alert?: boolean
  readonly children?: ReactNode
}) => {
  const { t } = useTranslation()
  return (
    <div className={`${css.box} ${css[tone]}`} role={alert ? 'alert' : undefined} data-testid="state-box">
      <p>
        <strong>{what}</strong> {state} <strong>{t('shell.next')}</strong> {next}
      </p>
      {detail && <p className={css.detail}>{detail}</p>}
      {children && <div className={css.actions}>{children}</div>}
    </div>
  )
}

interface ErrorLike {
  readonly code: string
  readonly subject?: string | undefined
  readonly detail?: string | undefined
  /** Comes before the detail, which says the same in English. */
  readonly lines?: readonly WrongLine[] | undefined
}

/** An error in its three sentences, in the window's language. */
export const ErrorBox = ({
  error,
  subject,
  children,
  alert = true,
}: {
  readonly error: ErrorLike
  readonly subject?: string | undefined
  readonly children?: ReactNode
  readonly alert?: boolean
}) => {
  const language = useLanguage()
  const text = explain(error.code as ErrorCode, language, subject ?? error.subject)
  return (
    <StateBox
      tone="bad"
      what={text.what}
      state={text.state}
      next={text.next}
      detail={error.lines ? wrongLinesText(error.lines, language) : error.detail}
      alert={alert}
    >
      {children}
    </StateBox>
  )
}
