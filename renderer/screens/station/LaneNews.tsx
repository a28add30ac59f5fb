import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Lane } from '../../../electron/contract/factory'
import { Announcer } from '../../components/Announcer'
import { isNews, laneNews } from '../../model/station-lanes'
import { useLaneText } from './use-lane-text'

/** Says to screen readers what became of a lane. */
export const LaneNews = ({ lanes }: { readonly lanes: readonly Lane[] }) => {
  const { t } = useTranslation()
  const { sentence } = useLaneText()
  const before = useRef(lanes)
  const [said, setSaid] = useState('')
  useEffect(() => {
    const news = laneNews(before.current, lanes)
    before.current = lanes
    const sentences = news.flatMap((lane) => {
      if (!isNews(lane.state)) return []
      const { next } = sentence(lane, { marked: false, enter: false })
      return [
        t(`station.news.${lane.state}`, { lane: lane.number, serialNumber: lane.serialNumber ?? '', next }),
      ]
    })
    if (sentences.length > 0) setSaid(sentences.join(' '))
  }, [lanes, sentence, t])
  return <Announcer text={said} everyMs={800} />
}
