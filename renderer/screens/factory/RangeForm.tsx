import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { SerialRange } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { ErrorBox } from '../../components/StateBox'
import { useAction } from '../../components/use-action'
import { type RangeDraft, readRange } from '../../model/serial-range'
import { addRange } from '../../stores/factory'
import css from './Factory.module.css'

const FIELDS = ['model', 'prefix', 'digits', 'first', 'last'] as const
const LENGTH = { model: 31, prefix: 30, digits: 2, first: 10, last: 10 } as const

/** Releases a range, with its first and last number shown as they will be on the labels. */
export const RangeForm = ({
  model,
  ranges,
}: {
  readonly model: string
  readonly ranges: readonly SerialRange[]
}) => {
  const { t } = useTranslation()
  const empty: RangeDraft = { model, prefix: '', digits: '5', first: '', last: '' }
  const [draft, setDraft] = useState(empty)
  const reading = readRange(draft, ranges)
  const problem = 'problem' in reading ? reading.problem : undefined
  const add = useAction(async () => {
    if ('problem' in reading) return
    await addRange(reading.range)
    setDraft({ ...draft, first: '', last: '' })
  })
  return (
    <form
      className={css.fill}
      onSubmit={(event) => {
        event.preventDefault()
        if (!problem) void add.run()
      }}
    >
      <div className={css.scroll}>
        <h2>{t('factory.numbers.add')}</h2>
        <p className="mute">{t('factory.numbers.addHint')}</p>
        <div className={css.rangeFields}>
          {FIELDS.map((field) => (
            <TextInput
              key={field}
              label={t(`factory.numbers.field.${field}`)}
              value={draft[field]}
              maxLength={LENGTH[field]}
              inputMode={field === 'model' || field === 'prefix' ? 'text' : 'numeric'}
              spellCheck={false}
              classNames={field === 'model' ? {} : { input: 'mono' }}
              onChange={(event) => setDraft({ ...draft, [field]: event.currentTarget.value })}
              data-testid={`range-${field}`}
            />
          ))}
        </div>
        <div className={css.preview} role="status" data-testid="range-preview">
          {'problem' in reading ? (
            <span className="mute">
              {t(
                reading.problem === 'incomplete'
                  ? 'factory.numbers.previewEmpty'
                  : 'factory.numbers.previewBad',
              )}
              {reading.problem !== 'incomplete' && ` ${t(`factory.numbers.problem.${reading.problem}`)}`}
            </span>
          ) : (
            <>
              <span className="mono strong">
                {reading.first} … {reading.last}
              </span>
              <span>{t('factory.numbers.count', { count: reading.count })}</span>
            </>
          )}
        </div>
        {add.error && <ErrorBox error={add.error} />}
      </div>
      <div className={css.foot}>
        <Button
          kind="primary"
          type="submit"
          busy={add.busy}
          reason={problem && t(`factory.numbers.reason.${problem === 'incomplete' ? 'incomplete' : 'bad'}`)}
          needs="ledger.addRange"
          data-testid="range-add"
        >
          {t('factory.numbers.release')}
        </Button>
      </div>
    </form>
  )
}
