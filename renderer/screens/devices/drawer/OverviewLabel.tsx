import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../../electron/contract/device'
import type { LabelFinding } from '../../../../electron/contract/site-plan'
import { Button } from '../../../components/Button'
import { ErrorBox, StateBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { blinkBlock, labelOf, shortUdn } from '../../../model/device-facts'
import { blink } from '../../../stores/devices'
import { loadFindings, scanLabel, useLabels } from '../../../stores/labels'
import css from './Overview.module.css'

const Finding = ({ finding, name }: { readonly finding: LabelFinding; readonly name: string }) => {
  const { t } = useTranslation()
  const { state, labelName, labelUdn, labelSerialNumber } = finding
  const texts = {
    name,
    other: labelName || labelSerialNumber || (labelUdn ? shortUdn(labelUdn) : '—'),
    serial: labelSerialNumber || '—',
  }
  const box = useRef<HTMLDivElement>(null)
  // It stands below the field: what was just found must not hide under the edge of the drawer.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new finding is shown
  useEffect(() => {
    // Newer engines answer with a promise, which must not become the effect's way out.
    void box.current?.scrollIntoView({ block: 'nearest' })
  }, [finding])
  return (
    <div ref={box} data-testid="label-finding" data-state={state}>
      <StateBox
        tone={state === 'matches' ? 'ok' : 'warn'}
        what={t(`sitePlan.label.finding.${state}.what`, texts)}
        state={t(`sitePlan.label.finding.${state}.state`, texts)}
        next={t(`sitePlan.label.finding.${state}.next`, texts)}
        alert
      />
    </div>
  )
}

/** Lets the device blink, takes the label that is on what blinks, and says whether the two belong together. */
export const OverviewLabel = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const { udn } = device
  const finding = useLabels(({ byUdn }) => byUdn.get(udn))
  const [text, setText] = useState('')
  const [blinked, setBlinked] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const load = useAction(loadFindings)
  const { run } = load
  useEffect(() => void run(), [run])
  const identify = useAction(async () => {
    await blink([udn])
    setBlinked(true)
    // The scanner types into whatever has the focus.
    field.current?.focus()
  })
  const scan = useAction(async (line: string) => {
    setText('')
    await scanLabel(udn, line)
  })
  const block = blinkBlock(device)
  const send = () => {
    const line = text.trim()
    if (line !== '') void scan.run(line)
  }
  const error = identify.error ?? scan.error
  return (
    <section className={css.words}>
      <h3>{t('sitePlan.label.title')}</h3>
      <p className="mute">{blinked ? t('sitePlan.label.blinking') : t('sitePlan.label.hint')}</p>
      <div className={css.line}>
        <Button
          small
          busy={identify.busy}
          reason={block && t(`devices.reason.${block}`)}
          onClick={() => void identify.run()}
          needs="devices.identify"
          data-testid="device-identify"
        >
          {t('sitePlan.label.identify')}
        </Button>
        <input
          ref={field}
          className={`${css.scan} mono`}
          value={text}
          placeholder={t('sitePlan.label.scan')}
          aria-label={t('sitePlan.label.scan')}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return
            event.preventDefault()
            send()
          }}
          data-testid="label-scan"
        />
        <Button
          small
          busy={scan.busy}
          reason={text.trim() === '' ? t('sitePlan.label.empty') : undefined}
          onClick={send}
          needs="labels.scan"
          data-testid="label-check"
        >
          {t('sitePlan.label.check')}
        </Button>
      </div>
      {error && <ErrorBox error={error} subject={labelOf(device)} />}
      {finding && !scan.busy && <Finding finding={finding} name={labelOf(device)} />}
    </section>
  )
}
