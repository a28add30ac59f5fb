import { create } from 'qrcode'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { LABEL_SIZES, type LabelSize, labelText } from '../../../electron/contract/label'
import { groupCode } from '../../model/setup-code'
import css from './Factory.module.css'

/** Made up: a setup code of a real device never comes here. */
const SAMPLE = {
  udn: 'uuid:00000000-0000-4000-8000-000000000000',
  serialNumber: 'SAMPLE-00001',
  setupCode: 'SAMP1E00',
} as const

/** Light modules around a QR code, as ISO/IEC 18004 asks for. */
const QUIET = 4
const PREVIEW_WIDTH_PX = 430

/** The dark modules as one path, a unit each. */
const useQrPath = () =>
  useMemo(() => {
    const { modules } = create(labelText(SAMPLE), { errorCorrectionLevel: 'M' })
    let path = ''
    for (let at = 0; at < modules.data.length; at += 1)
      if (modules.data[at])
        path += `M${(at % modules.size) + QUIET} ${Math.floor(at / modules.size) + QUIET}h1v1h-1z`
    return { path, side: modules.size + 2 * QUIET }
  }, [])

/** One label with made-up data, in the proportions of its size. */
export const LabelPreview = ({ size, model }: { readonly size: LabelSize; readonly model: string }) => {
  const { t } = useTranslation()
  const { widthMm, heightMm } = LABEL_SIZES[size]
  const qr = useQrPath()
  const side = Math.min(heightMm - 2, 0.44 * widthMm)
  const x = side + 2
  const unit = heightMm / 29
  // The column of text is narrower on nearly square labels: type follows it.
  const type = Math.min(unit, (widthMm - x - 2) / 33)
  const [first = '', second = ''] = SAMPLE.udn.replace('uuid:', '').split(/(?<=^.{19})/)
  const line = (y: number, text: string, height: number, bold = false, mono = true) => (
    <text
      x={x}
      y={y * unit}
      fontSize={height * type}
      fontWeight={bold ? 700 : 400}
      className={mono ? css.labelMono : css.labelSans}
    >
      {text}
    </text>
  )
  return (
    <svg
      className={css.label}
      viewBox={`0 0 ${widthMm} ${heightMm}`}
      width={PREVIEW_WIDTH_PX}
      height={(PREVIEW_WIDTH_PX / widthMm) * heightMm}
      role="img"
      aria-label={t('factory.label.preview')}
      data-testid="label-preview"
    >
      <rect width={widthMm} height={heightMm} rx="1.2" className={css.labelPaper} />
      <path
        d={qr.path}
        transform={`translate(1 ${(heightMm - side) / 2}) scale(${side / qr.side})`}
        shapeRendering="crispEdges"
        className={css.labelInk}
      />
      {line(4.6, model, 3.2, true, false)}
      {line(7.7, t('identity.serial'), 1.7, false, false)}
      {line(11.2, SAMPLE.serialNumber, 3.6, true)}
      <rect
        x={x}
        y={13.2 * unit}
        width={widthMm - x - 1.6}
        height={7.6 * unit}
        rx="0.6"
        className={css.labelFrame}
      />
      <g transform="translate(0.9 0)">
        {line(15.4, t('provision.code.label'), 1.7, false, false)}
        {line(19.6, groupCode(SAMPLE.setupCode), 4, true)}
      </g>
      {line(23.3, 'UDN', 1.7, false, false)}
      {line(25.3, first, 2)}
      {line(27.5, second, 2)}
    </svg>
  )
}

/** Where the labels stand on their sheet; nothing for labels from a roll. */
export const SheetPreview = ({ size }: { readonly size: LabelSize }) => {
  const { t } = useTranslation()
  const label = LABEL_SIZES[size]
  if (!('sheet' in label)) return null
  const { sheet, widthMm, heightMm } = label
  return (
    <svg
      className={css.label}
      viewBox={`0 0 ${sheet.widthMm} ${sheet.heightMm}`}
      width={sheet.widthMm * 0.55}
      height={sheet.heightMm * 0.55}
      role="img"
      aria-label={t('factory.label.sheetPreview')}
      data-testid="label-sheet"
    >
      <rect width={sheet.widthMm} height={sheet.heightMm} className={css.labelPaper} />
      {Array.from({ length: sheet.columns * sheet.rows }, (_, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: places on a sheet are their number
          key={at}
          x={sheet.leftMm + (at % sheet.columns) * (widthMm + sheet.gapXMm)}
          y={sheet.topMm + Math.floor(at / sheet.columns) * (heightMm + sheet.gapYMm)}
          width={widthMm}
          height={heightMm}
          className={at === 0 ? css.placeFirst : css.place}
        />
      ))}
    </svg>
  )
}
