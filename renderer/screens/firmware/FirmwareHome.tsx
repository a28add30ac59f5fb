import { useTranslation } from 'react-i18next'
import { Button } from '../../components/Button'
import { ScreenHead } from '../../components/Panel'
import { useFirmware } from '../../stores/firmware'
import { beginRollout, beginSerial } from '../../wizards/firmware/store'
import css from './Firmware.module.css'
import { Library } from './Library'
import { RolloutList } from './RolloutList'

/** What can be installed at the left, what is being installed at the right. */
export const FirmwareHome = () => {
  const { t } = useTranslation()
  const library = useFirmware((mirror) => mirror.library)
  const rollouts = useFirmware((mirror) => mirror.rollouts)
  if (!library) return null
  const running = rollouts.filter(({ state }) => state === 'running' || state === 'stopping').length
  const usable = library.bundles.filter(({ problem }) => !problem).length
  return (
    <>
      <ScreenHead
        title={t('firmware.title')}
        facts={[
          t('firmware.bundleCount', { count: library.bundles.length }),
          t('firmware.rolloutCount', { count: running }),
        ].join(' · ')}
      >
        <Button onClick={() => beginSerial()} needs="firmware.lookSerial" data-testid="firmware-serial">
          {t('firmware.overCable')}
        </Button>
        <Button
          kind="primary"
          reason={usable === 0 ? t('firmware.noBundle') : undefined}
          onClick={() => beginRollout()}
          needs="firmware.start"
          data-testid="firmware-new"
        >
          {t('firmware.newRollout')}
        </Button>
      </ScreenHead>
      <div className={css.home}>
        <Library library={library} />
        <RolloutList rollouts={rollouts} />
      </div>
    </>
  )
}
