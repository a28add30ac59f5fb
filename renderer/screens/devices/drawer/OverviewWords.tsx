import { Textarea, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Device } from '../../../../electron/contract/device'
import { Allowed } from '../../../components/Allowed'
import { Button } from '../../../components/Button'
import { ErrorBox } from '../../../components/StateBox'
import { useAction } from '../../../components/use-action'
import { labelOf } from '../../../model/device-facts'
import { describeDevice } from '../../../stores/labels'
import css from './Overview.module.css'

/** What people here call the device, where it is, and what they want to remember about it. */
export const OverviewWords = ({ device }: { readonly device: Device }) => {
  const { t } = useTranslation()
  const known = { name: device.name, place: device.place ?? '', note: device.note ?? '' }
  const [words, setWords] = useState(known)
  const [saved, setSaved] = useState(false)
  // What is told from elsewhere replaces what nobody is editing.
  useEffect(
    () => setWords({ name: known.name, place: known.place, note: known.note }),
    [known.name, known.place, known.note],
  )
  const changed = {
    ...(words.name === known.name ? {} : { name: words.name.trim() }),
    ...(words.place === known.place ? {} : { place: words.place.trim() }),
    ...(words.note === known.note ? {} : { note: words.note.trim() }),
  }
  const nothing = Object.keys(changed).length === 0
  const save = useAction(async () => {
    await describeDevice(device.udn, changed)
    setSaved(true)
  })
  const type = (part: Partial<typeof words>) => {
    setSaved(false)
    setWords({ ...words, ...part })
  }
  return (
    <form
      className={css.words}
      aria-label={t('sitePlan.describe.title')}
      onSubmit={(event) => {
        event.preventDefault()
        if (!nothing) void save.run()
      }}
    >
      <Allowed needs="devices.describe">
        <div className={css.fields}>
          <TextInput
            label={t('sitePlan.describe.name')}
            value={words.name}
            maxLength={63}
            onChange={(event) => type({ name: event.currentTarget.value })}
            data-testid="device-name"
          />
          <TextInput
            label={t('sitePlan.describe.place')}
            value={words.place}
            maxLength={63}
            onChange={(event) => type({ place: event.currentTarget.value })}
            data-testid="device-place"
          />
          <Textarea
            className={css.wide ?? ''}
            label={t('sitePlan.describe.note')}
            value={words.note}
            maxLength={400}
            rows={2}
            onChange={(event) => type({ note: event.currentTarget.value })}
            data-testid="device-note"
          />
        </div>
      </Allowed>
      <div className={css.line}>
        <Button
          small
          kind={nothing ? 'plain' : 'primary'}
          busy={save.busy}
          reason={nothing ? t('sitePlan.describe.unchanged') : undefined}
          onClick={() => void save.run()}
          needs="devices.describe"
          data-testid="device-describe-save"
        >
          {t('sitePlan.describe.save')}
        </Button>
        <span className={css.hint} role="status">
          {t(saved && nothing ? 'sitePlan.describe.saved' : 'sitePlan.describe.hint')}
        </span>
      </div>
      {save.error && <ErrorBox error={save.error} subject={labelOf(device)} />}
    </form>
  )
}
