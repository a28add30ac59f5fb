import { Radio, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReportView } from '../../../../electron/contract/report'
import { Button } from '../../../components/Button'
import { Panel } from '../../../components/Panel'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { type Language, useLanguage } from '../../../i18n'
import { makeReport } from '../../../stores/reports'
import css from './Reports.module.css'

const LANGUAGES: readonly Language[] = ['en', 'de']

/** A new report about the whole site. What was typed stays, for the next one at the same place. */
export const ReportForm = ({ onMade }: { readonly onMade: (report: ReportView) => void }) => {
  const { t } = useTranslation()
  const own = useLanguage()
  const [customer, setCustomer] = useState('')
  const [place, setPlace] = useState('')
  const [notes, setNotes] = useState('')
  const [language, setLanguage] = useState<Language>(own)
  const make = useAction(async () => {
    onMade(await makeReport({ customer, place, notes, language }))
    setNotes('')
  })
  return (
    <Panel className={css.form} label={t('reports.make.title')}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          void make.run()
        }}
      >
        <div className={css.fields}>
          <div>
            <h2>{t('reports.make.title')}</h2>
            <p className="mute">{t('reports.make.hint')}</p>
          </div>
          <TextInput
            label={t('reports.make.customer')}
            value={customer}
            maxLength={120}
            onChange={(event) => setCustomer(event.currentTarget.value)}
            data-testid="report-customer"
          />
          <TextInput
            label={t('reports.make.place')}
            value={place}
            maxLength={120}
            onChange={(event) => setPlace(event.currentTarget.value)}
            data-testid="report-place"
          />
          <Textarea
            label={t('reports.make.notes')}
            value={notes}
            maxLength={4000}
            rows={4}
            onChange={(event) => setNotes(event.currentTarget.value)}
            data-testid="report-notes"
          />
          <Radio.Group
            label={t('reports.make.language')}
            value={language}
            onChange={(value) => setLanguage(LANGUAGES.find((one) => one === value) ?? 'en')}
          >
            <div className={css.languages}>
              {LANGUAGES.map((one) => (
                <Radio key={one} value={one} label={t(`reports.make.${one}`)} data-testid={`report-${one}`} />
              ))}
            </div>
          </Radio.Group>
          {make.error && <ErrorBox error={make.error} />}
        </div>
        <div className={css.foot}>
          <Button kind="primary" type="submit" needs="report.make" busy={make.busy} data-testid="report-make">
            {make.busy ? t('reports.make.busy') : t('reports.make.go')}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
