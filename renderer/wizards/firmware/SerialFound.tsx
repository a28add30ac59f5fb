import { useTranslation } from 'react-i18next'
import type { SerialFirmware } from '../../../electron/contract/firmware'
import { Banks } from '../../components/Banks'
import { Facts } from '../../components/Panel'
import { StateBox } from '../../components/StateBox'
import { serialCells } from '../../model/firmware-banks'
import { wayBack } from '../../model/firmware-serial'
import css from './Wizard.module.css'

/** What lies in the slots, and whether a failed start brings the old image back. */
export const SerialFound = ({ found }: { readonly found: SerialFirmware }) => {
  const { t } = useTranslation()
  const back = wayBack(found)
  const title = [found.model ?? t('rollout.serial.unknownModel'), found.hardwareRevision].filter(Boolean)
  return (
    <section className={css.found} data-testid="serial-found" data-rollback={found.rollback}>
      <h2>{title.join(' · ')}</h2>
      <Banks cells={serialCells(found)} large />
      <StateBox
        tone={back === 'swap' ? 'ok' : 'warn'}
        what={t(`rollout.serial.back.${back}.what`)}
        state={t(`rollout.serial.back.${back}.state`)}
        next={t(`rollout.serial.back.${back}.next`)}
      />
      <Facts rows={[[t('rollout.serial.mode'), t(`rollout.serial.modes.${found.mode}`)]]} />
    </section>
  )
}
