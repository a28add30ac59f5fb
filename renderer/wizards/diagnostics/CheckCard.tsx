import { memo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  CHECK_REASONS,
  type CheckEntry,
  type HealthCheck,
  type Measure,
} from '../../../electron/contract/self-test'
import { Button } from '../../components/Button'
import { TONE_SIGN } from '../../components/Pill'
import { Progress } from '../../components/Progress'
import { Sign, type SignName } from '../../components/Sign'
import { StateBox } from '../../components/StateBox'
import { useLanguage } from '../../i18n'
import { checkShare, inOrder, measureRange, measureValue, runningTest, VERDICT_TONE } from '../../model/check'
import { longLabel, type Tone } from '../../model/device-facts'
import { duration } from '../../model/time'
import { VerdictPill } from '../../screens/diagnostics/ChecksTab'
import { useDevices } from '../../stores/devices'
import own from './Check.module.css'

const lookOf = ({ state, verdict }: CheckEntry): { readonly tone: Tone; readonly sign: SignName } => {
  if (state === 'running') return { tone: 'info', sign: 'dot' }
  if (state === 'pending') return { tone: 'neutral', sign: 'ring' }
  if (state === 'cancelled' || !verdict || verdict === 'skipped') return { tone: 'neutral', sign: 'dash' }
  const tone = VERDICT_TONE[verdict]
  return { tone, sign: TONE_SIGN[tone] }
}

const Value = ({ measure }: { readonly measure: Measure }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const range = measureRange(measure, language)
  return (
    <span className={`${own.measure} ${measure.ok ? '' : own.bad}`}>
      <span className="mute">{measure.name}</span>{' '}
      <span className="tnum">{measureValue(measure, language)}</span>
      {!measure.ok && (
        <>
          {' '}
          <Sign name="cross" size={10} />
          <span className="hidden-visually">{t('diagnostics.wizard.outOfRange')}</span>
        </>
      )}
      {range && <span className="mute tnum"> ({t('diagnostics.wizard.range', { range })})</span>}
    </span>
  )
}

/** Why there is nothing measured: in words where there are some, with the device's own detail behind them. */
const useWhy = () => {
  const { t } = useTranslation()
  return ({ reason, detail }: CheckEntry): string => {
    const known = CHECK_REASONS.find((one) => one === reason)
    const words = known ? t(`diagnostics.testReason.${known}`) : reason
    return [words, words && detail ? `(${detail})` : detail].filter(Boolean).join(' ')
  }
}

const Entry = ({ entry }: { readonly entry: CheckEntry }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const whyOf = useWhy()
  const { tone, sign } = lookOf(entry)
  const why = whyOf(entry)
  const word =
    entry.state === 'done' && entry.verdict
      ? t(`diagnostics.verdict.${entry.verdict}`)
      : t(`diagnostics.testState.${entry.state}`)
  return (
    <li
      className={own.entry}
      data-state={entry.state}
      data-verdict={entry.verdict}
      data-testid={`check-entry-${entry.test}`}
    >
      <span className={`${own.entrySign} ${own[tone]}`}>
        <Sign name={sign} size={12} />
      </span>
      <span className={entry.state === 'pending' ? 'mute' : 'strong'}>
        {t(`diagnostics.test.${entry.test}`)}
      </span>
      <span className={own[tone]}>{word}</span>
      <span className={own.measures}>
        {entry.measures.map((measure) => (
          <Value key={measure.name} measure={measure} />
        ))}
        {entry.measures.length === 0 && why && <span className="mute">{why}</span>}
      </span>
      <span className={`mute tnum ${own.took}`}>
        {entry.durationMs === undefined ? '' : duration(entry.durationMs, language)}
      </span>
    </li>
  )
}

/** One device's check: its finding at the top as soon as there is one, and every test with what it measured. */
export const CheckCard = memo(
  ({ check, startsOpen }: { readonly check: HealthCheck; readonly startsOpen: boolean }) => {
    const { t } = useTranslation()
    const device = useDevices((list) => list.byUdn.get(check.udn))
    const [toggled, setToggled] = useState<boolean>()
    const open = toggled ?? startsOpen
    const label = longLabel(device, check.udn)
    const test = runningTest(check)
    const ended = check.verdict !== undefined
    return (
      <article
        className={own.card}
        aria-label={label}
        data-verdict={check.verdict}
        data-testid={`check-card-${check.udn}`}
      >
        <header className={own.cardHead}>
          <h2>{label}</h2>
          <VerdictPill check={check} />
          {!ended && (
            <>
              <span className={own.cardBar}>
                <Progress value={checkShare(check)} label={label} />
              </span>
              <span className="mute">
                {test
                  ? t('diagnostics.wizard.running', { test: t(`diagnostics.test.${test}`) })
                  : t('diagnostics.wizard.waits')}
              </span>
            </>
          )}
          <Button
            small
            kind="quiet"
            className={own.cardToggle}
            aria-expanded={open}
            onClick={() => setToggled(!open)}
          >
            {t('diagnostics.wizard.showTests')} {open ? '▴' : '▾'}
          </Button>
        </header>
        {check.findings.length > 0 && (
          <div className={own.findings} data-testid={`check-finding-${check.udn}`}>
            {check.findings.map(({ finding }, index) =>
              index === 0 ? (
                <StateBox
                  key={finding}
                  tone={check.verdict ? VERDICT_TONE[check.verdict] : 'neutral'}
                  what={t(`diagnostics.finding.${finding}.what`)}
                  state={t(`diagnostics.finding.${finding}.now`)}
                  next={t(`diagnostics.finding.${finding}.next`)}
                />
              ) : (
                <p key={finding} className={own.also}>
                  {t(`diagnostics.finding.${finding}.what`)}{' '}
                  <span className="mute">
                    {t('shell.next')} {t(`diagnostics.finding.${finding}.next`)}
                  </span>
                </p>
              ),
            )}
          </div>
        )}
        {open && (
          <ol className={own.entries} aria-label={t('diagnostics.wizard.entries', { name: label })}>
            {inOrder(check.entries).map((entry) => (
              <Entry key={entry.test} entry={entry} />
            ))}
          </ol>
        )}
      </article>
    )
  },
)
