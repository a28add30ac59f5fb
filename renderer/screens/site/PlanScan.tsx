import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Sign } from '../../components/Sign'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { comparePlan, scanPlan } from '../../stores/plan'
import { useSite } from '../../stores/site'
import css from './Plan.module.css'

interface Scanned {
  readonly id: number
  readonly text: string
  readonly state: 'waiting' | 'added' | 'known'
}

/** The newest stand on top; older ones are in the table by then. */
const SHOWN = 4
/** The setup code of a label is a secret: the serial number is shown in its place. */
const shownText = (text: string): string => text.split(':')[2] ?? text

/** Takes lines as a scanner types them, one after the other, without waiting for the answer to the last. */
export const PlanScan = () => {
  const { t } = useTranslation()
  const groups = useSite((site) => site.groups)
  const [text, setText] = useState('')
  const [group, setGroup] = useState('')
  const [log, setLog] = useState<readonly Scanned[]>([])
  const queue = useRef<Scanned[]>([])
  const serial = useRef(0)
  const work = useAction(async () => {
    for (let next = queue.current.shift(); next; next = queue.current.shift()) {
      const { id, text: line } = next
      try {
        const { added } = await scanPlan(line, group)
        setLog((list) =>
          list.map((one) => (one.id === id ? { ...one, state: added > 0 ? 'added' : 'known' } : one)),
        )
      } catch (thrown) {
        setLog((list) => list.filter((one) => one.id !== id))
        throw thrown
      }
    }
    await comparePlan()
  })
  const take = (lines: string) => {
    const scanned = lines
      .split(/[\r\n]+/)
      .map((line) => line.trim())
      .filter(Boolean)
      .map((line): Scanned => {
        serial.current += 1
        return { id: serial.current, text: line, state: 'waiting' }
      })
    if (scanned.length === 0) return
    queue.current.push(...scanned)
    setLog((list) => [...scanned.toReversed(), ...list].slice(0, 50))
    setText('')
    void work.run()
  }
  return (
    <div className={css.scan}>
      <label htmlFor="plan-scan">{t('sitePlan.scan.label')}</label>
      <p className="mute">{t('sitePlan.scan.hint')}</p>
      <div className={css.scanRow}>
        <input
          id="plan-scan"
          className={`${css.input} mono`}
          value={text}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text')
            if (!/[\r\n]/.test(pasted)) return
            event.preventDefault()
            take(pasted)
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            take(text)
          }}
          data-testid="plan-scan"
        />
        <select
          className={css.input}
          value={group}
          aria-label={t('sitePlan.scan.group')}
          onChange={(event) => setGroup(event.currentTarget.value)}
          data-testid="plan-scan-group"
        >
          <option value="">{t('sitePlan.scan.noGroup')}</option>
          {groups.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <ul
        className={css.log}
        aria-label={t('sitePlan.scan.log')}
        aria-live="polite"
        data-testid="plan-scan-log"
      >
        {log.slice(0, SHOWN).map((one) => (
          <li key={one.id}>
            <span className="mono">{shownText(one.text)}</span>
            <span className={one.state === 'added' ? css.ok : 'mute'}>
              <Sign
                name={one.state === 'waiting' ? 'ring' : one.state === 'added' ? 'check' : 'dash'}
                size={11}
              />{' '}
              {t(`sitePlan.scan.${one.state}`)}
            </span>
          </li>
        ))}
      </ul>
      {work.error && <ErrorBox error={work.error} />}
    </div>
  )
}
