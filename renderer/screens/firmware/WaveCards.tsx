import { useTranslation } from 'react-i18next'
import type { RolloutView } from '../../../electron/contract/firmware'
import { Pill } from '../../components/Pill'
import { useLanguage } from '../../i18n'
import { rateText, secondsLeft, spanText } from '../../model/firmware-figures'
import { countsOf, WAVE_TONE, waveSentence } from '../../model/firmware-waves'
import { useClock } from '../../stores/clock'
import { useBytes, useMoment, useWaveName } from './use-texts'
import { WaveBar } from './WaveBar'
import css from './Waves.module.css'

const Card = ({
  rollout,
  index,
  on,
  onPick,
}: {
  readonly rollout: RolloutView
  readonly index: number
  readonly on: boolean
  readonly onPick: () => void
}) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const bytes = useBytes()
  const moment = useMoment()
  const waveName = useWaveName()
  const startMs = rollout.plan.startAt === undefined ? undefined : Date.parse(rollout.plan.startAt)
  const start = useClock(({ nowMs }) => (startMs === undefined ? '' : moment(startMs, nowMs)))
  const wave = rollout.waves[index]
  if (!wave) return null
  const name = waveName(index)
  const counts = countsOf(wave)
    .filter(([key]) => key !== 'waiting' || wave.waiting < wave.total)
    .map(([key, count]) => t(`firmware.count.${key}`, { count }))
    .join(' · ')
  const left = secondsLeft(wave.receivedBytes, wave.totalBytes, wave.bytesPerS)
  const key = waveSentence(rollout, index)
  const sentence = t(`firmware.wave.${key}`, {
    from: rollout.plan.window?.from ?? '',
    percent: rollout.plan.passPercent,
    minutes: spanText(rollout.plan.soakMinutes * 60),
    before: waveName(Math.max(0, index - 1)),
    start,
    received: bytes(wave.receivedBytes),
    total: bytes(wave.totalBytes),
    rate: rateText(wave.bytesPerS, language),
    left: left === undefined ? '—' : spanText(left),
  })
  return (
    <li className={css.item}>
      <button
        type="button"
        className={css.card}
        aria-pressed={on}
        onClick={onPick}
        data-testid={`wave-${index}`}
        data-state={wave.state}
      >
        <span className={css.head}>
          <span className="strong">{t('firmware.wave.title', { name, count: wave.total })}</span>
          <Pill tone={WAVE_TONE[wave.state]}>{t(`firmware.waveState.${wave.state}`)}</Pill>
        </span>
        <WaveBar wave={wave} label={name} />
        <span className={`tnum ${css.line}`}>{counts || t('firmware.count.none')}</span>
        <span className={`mute tnum ${css.line}`} title={sentence}>
          {sentence}
        </span>
      </button>
    </li>
  )
}

/** The waves side by side; choosing one shows only its devices below. */
export const WaveCards = ({
  rollout,
  chosen,
  onPick,
}: {
  readonly rollout: RolloutView
  readonly chosen: number | undefined
  readonly onPick: (wave: number | undefined) => void
}) => {
  const { t } = useTranslation()
  return (
    // A scrolling list has to be reachable by keyboard; the cards in it are.
    <ul className={css.cards} aria-label={t('firmware.wave.list')}>
      {rollout.waves.map((_, index) => (
        <Card
          // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place in the plan
          key={index}
          rollout={rollout}
          index={index}
          on={chosen === index}
          onPick={() => onPick(chosen === index ? undefined : index)}
        />
      ))}
    </ul>
  )
}
