import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { explain } from '../../../electron/contract/error-texts'
import type { Lane, StationView } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { Sign } from '../../components/Sign'
import { useLanguage } from '../../i18n'
import { standingProblem } from '../../model/station-authority'
import { takesNumber } from '../../model/station-lanes'
import css from './Scan.module.css'
import type { Desk, Notice } from './use-desk'

/** One place for what the person at the station has to know now; it keeps its size, so that nothing jumps. */
export const ScanMessage = ({
  view,
  desk,
  starts,
  nowMs,
}: {
  readonly view: StationView
  readonly desk: Desk
  readonly starts: Lane | undefined
  readonly nowMs: number
}) => {
  const problem = standingProblem(view, nowMs)
  return (
    <div className={css.message} id="station-scan-hint">
      {/* Always there, so that screen readers listen to it before something is said in it. */}
      <div
        className={css.live}
        role="alert"
        aria-live="assertive"
        aria-atomic="true"
        data-testid="station-refused"
      >
        {desk.notice && <NoticeBox key={desk.notice.turn} notice={desk.notice} desk={desk} />}
      </div>
      {!desk.notice && problem && <ProblemBox code={problem.code} subject={problem.subject} />}
      {!desk.notice && !problem && <Hint view={view} starts={starts} />}
    </div>
  )
}

const Box = ({
  tone,
  head,
  children,
  detail,
  action,
}: {
  readonly tone: 'bad' | 'warn'
  readonly head: string
  readonly children: ReactNode
  /** One technical phrase: where a number was used, what is wrong with it. */
  readonly detail?: string | undefined
  readonly action?: ReactNode
}) => (
  <div className={`${css.box} ${css[tone]}`}>
    <Sign name={tone === 'bad' ? 'cross' : 'warning'} size={30} />
    <div className={css.words}>
      <p className={css.head}>{head}</p>
      <p className={css.text}>{children}</p>
      {detail && (
        <p className={css.detail} title={detail}>
          {detail}
        </p>
      )}
    </div>
    {action}
  </div>
)

/** A command that was not done: what, why, and what to do next. */
const NoticeBox = ({ notice, desk }: { readonly notice: Notice; readonly desk: Desk }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const { code, subject, detail } = notice.error
  const { what, next } = explain(code, language, subject)
  // No lane could take it: nothing is wrong with the number.
  const full = notice.kind === 'scan' && (code === 'REQUEST_REFUSED' || code === 'SERIAL_SILENT')
  if (notice.kind === 'scan')
    return (
      <Box
        tone="bad"
        detail={full ? undefined : detail}
        head={
          notice.text === ''
            ? t('station.scan.refusedEmpty')
            : t('station.scan.refused', { text: notice.text })
        }
      >
        {full ? `${t('station.scan.noLane')}.` : what}{' '}
        <strong>{full ? t('station.scan.noLaneHint') : next}</strong>
      </Box>
    )
  if (notice.kind === 'choose')
    return (
      <Box tone="warn" head={t('station.scan.laneRefused', { lane: notice.lane })}>
        <strong>{t('station.scan.laneRefusedNext')}</strong>
      </Box>
    )
  return (
    <Box
      tone="bad"
      head={t('station.scan.laneTrouble', { lane: notice.lane, what })}
      action={
        notice.kind === 'label' && (
          <Button onClick={() => void desk.print(notice.lane, 'pdf')} data-testid="station-save-pdf">
            {t('station.scan.savePdf')}
          </Button>
        )
      }
    >
      <strong>{next}</strong>
    </Box>
  )
}

/** Something that holds up the whole station, whatever is scanned. */
const ProblemBox = ({
  code,
  subject,
}: {
  readonly code: Parameters<typeof explain>[0]
  readonly subject: string | undefined
}) => {
  const { t } = useTranslation()
  const { what, next } = explain(code, useLanguage(), subject)
  return (
    <Box tone="bad" head={t('station.scan.stopped')}>
      {what} <strong>{next}</strong>
    </Box>
  )
}

/** What Enter does on the empty field, and where the scan goes. */
const Hint = ({ view, starts }: { readonly view: StationView; readonly starts: Lane | undefined }) => {
  const { t } = useTranslation()
  const [head, text] = ((): readonly [string, string] => {
    if (starts)
      return [
        t('station.scan.enterStarts', { lane: starts.number, serialNumber: starts.serialNumber ?? '' }),
        t('station.scan.startHint'),
      ]
    if (view.nextLane === undefined) return [t('station.scan.noLane'), t('station.scan.noLaneHint')]
    const choose = view.lanes.filter(takesNumber).length > 1 ? t('station.scan.chooseHint') : ''
    return view.nextSerialNumber === undefined
      ? [t('station.scan.noNumber'), choose || t('station.scan.noNumberHint')]
      : [
          t('station.scan.enterTakes', { serialNumber: view.nextSerialNumber }),
          choose || t('station.scan.oneLaneHint'),
        ]
  })()
  return (
    <div className={css.hint}>
      <p className={css.head}>{head}</p>
      <p className={css.text}>{text}</p>
    </div>
  )
}
