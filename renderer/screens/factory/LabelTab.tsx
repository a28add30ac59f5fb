import { NativeSelect, Switch } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { StationConfig } from '../../../electron/contract/factory'
import { LABEL_SIZE_NAMES, LABEL_SIZES, type LabelSize } from '../../../electron/contract/label'
import { Allowed } from '../../components/Allowed'
import { Button } from '../../components/Button'
import { Panel } from '../../components/Panel'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { configureStation, loadPrinters, useFactory } from '../../stores/factory'
import css from './Factory.module.css'
import { LabelPreview, SheetPreview } from './LabelPreview'

/** The default printer of the operating system. */
const DEFAULT = ''
/** A US Letter page is the wider of the two. */
const A4_WIDTH_MM = 210

const useSizeName = () => {
  const { t } = useTranslation()
  return (size: LabelSize): string => {
    const label = LABEL_SIZES[size]
    const { widthMm: width, heightMm: height } = label
    if (!('sheet' in label)) return t('factory.label.single', { width, height })
    const { columns, rows, widthMm } = label.sheet
    const paper = widthMm === A4_WIDTH_MM ? 'A4' : 'US Letter'
    return t('factory.label.sheet', { width, height, paper, count: columns * rows })
  }
}

/** Size, printer and when; with a drawing of a sample, since a real setup code never reaches the window. */
export const LabelTab = ({ config }: { readonly config: StationConfig }) => {
  const { t } = useTranslation()
  const nameOf = useSizeName()
  const printers = useFactory((factory) => factory.printers)
  const look = useAction(loadPrinters)
  const save = useAction(configureStation)
  const { run: reload } = look
  useEffect(() => void reload(), [reload])
  const { size, printer = DEFAULT } = config.label
  const known = printer === DEFAULT || printers.includes(printer) ? printers : [printer, ...printers]
  const put = (change: Partial<StationConfig['label']>) => {
    const { printer: name, ...rest } = { ...config.label, ...change }
    void save.run({ label: name ? { ...rest, printer: name } : rest })
  }
  return (
    <div className={css.splitWide}>
      <Panel className={css.panel} label={t('factory.label.preview')}>
        <div className={css.stage}>
          <LabelPreview size={size} model={config.model} />
          <SheetPreview size={size} />
          <p className="mute">{t('factory.label.sampleOnly')}</p>
        </div>
      </Panel>
      <Panel className={css.panel}>
        <div className={css.scroll}>
          <Allowed needs="station.configure">
            <h2>{t('factory.label.title')}</h2>
            <NativeSelect
              label={t('factory.label.size')}
              value={size}
              data={LABEL_SIZE_NAMES.map((one) => ({ value: one, label: nameOf(one) }))}
              onChange={(event) => {
                const next = LABEL_SIZE_NAMES.find((one) => one === event.currentTarget.value)
                if (next) put({ size: next })
              }}
              data-testid="label-size"
            />
            <NativeSelect
              label={t('factory.label.printer')}
              description={t(printers.length === 0 ? 'factory.label.noPrinter' : 'factory.label.printerHint')}
              value={printer}
              data={[
                { value: DEFAULT, label: t('factory.label.defaultPrinter') },
                ...known.map((one) => ({
                  value: one,
                  label: printers.includes(one) ? one : t('factory.label.printerGone', { name: one }),
                })),
              ]}
              onChange={(event) => put({ printer: event.currentTarget.value })}
              data-testid="label-printer"
            />
            <div className={css.actions}>
              <Button small busy={look.busy} onClick={() => void look.run()} data-testid="printers-again">
                {t('factory.ports.again')}
              </Button>
            </div>
            <Switch
              label={t('factory.label.printOnPass')}
              description={t('factory.label.printOnPassHint')}
              checked={config.printOnPass}
              onChange={(event) => void save.run({ printOnPass: event.currentTarget.checked })}
              data-testid="label-print-on-pass"
            />
            {(save.error ?? look.error) && (
              <ErrorBox error={save.error ?? look.error ?? { code: 'DEFECT' }} />
            )}
          </Allowed>
        </div>
      </Panel>
    </div>
  )
}
