import { useTranslation } from 'react-i18next'
import { explain } from '../../../electron/contract/error-texts'
import type { Lane } from '../../../electron/contract/factory'
import { JOB_STEPS } from '../../../electron/contract/job'
import { useLanguage } from '../../i18n'
import { type LaneSentence, sentenceOf } from '../../model/station-lanes'

type InjectStep = (typeof JOB_STEPS.inject)[number]
const isStep = (step: string | undefined): step is InjectStep =>
  (JOB_STEPS.inject as readonly (string | undefined)[]).includes(step)

/** The words of a lane in the window's language. */
export const useLaneText = () => {
  const { t } = useTranslation()
  const language = useLanguage()
  const word = (lane: Lane): string =>
    lane.state === 'running'
      ? t('station.percent', { percent: Math.floor(lane.percent) })
      : t(`station.word.${lane.state}`)
  const say = (sentence: LaneSentence): { readonly what?: string; readonly next: string } => {
    switch (sentence.kind) {
      case 'own':
        return { next: t(`station.next.${sentence.text}`) }
      case 'step':
        return { next: isStep(sentence.step) ? t(`station.step.${sentence.step}`) : t('station.stepOther') }
      case 'error': {
        const { what, next } = explain(sentence.code, language, sentence.subject)
        return { what, next }
      }
    }
  }
  return { word, sentence: (lane: Lane, at: Parameters<typeof sentenceOf>[1]) => say(sentenceOf(lane, at)) }
}
