import { useTranslation } from 'react-i18next'
import { isSoftwareHeld, type Lane, type Person } from '../../../electron/contract/factory'
import { Button } from '../../components/Button'
import { Sign } from '../../components/Sign'
import { useLanguage } from '../../i18n'
import { mean, seconds } from '../../model/station-figures'
import { keyOfLane } from '../../model/station-keys'
import { canTryAgain, LANE_SIGN, type LaneGrid } from '../../model/station-lanes'
import css from './Lane.module.css'
import { Spark } from './Spark'
import state from './State.module.css'
import { useLaneText } from './use-lane-text'

export interface LaneActions {
  readonly choose: (lane: number) => void
  readonly start: (lane: number) => void
  readonly print: (lane: number) => void
  readonly unlock: (lane: number) => void
}

/** Sentences with more characters are set in smaller ones. */
const LONG = 72

/** A whole lane in the colour, sign and word of its state, with the one sentence about what to do. */
export const LaneCard = ({
  lane,
  size,
  marked,
  enter,
  printKey,
  person,
  actions,
}: {
  readonly lane: Lane
  readonly size: LaneGrid['size']
  /** The next scan goes here. */
  readonly marked: boolean
  /** Enter on the empty scan field starts this lane. */
  readonly enter: boolean
  /** The print shortcut prints this lane's label. */
  readonly printKey: boolean
  readonly person: Person
  readonly actions: LaneActions
}) => {
  const { t } = useTranslation()
  const text = useLaneText()
  const { what, next } = text.sentence(lane, { marked, enter })
  const running = lane.state === 'running'
  const small = size === 'small'
  const softKey = isSoftwareHeld(lane.keyStorage) && (
    <span className={css.softKey} title={t('station.softwareKeyTitle')}>
      <Sign name="warning" size={11} /> {t(small ? 'station.softwareKeyShort' : 'station.softwareKey')}
    </span>
  )
  const button = (
    <LaneButton
      lane={lane}
      size={size}
      marked={marked}
      enter={enter}
      printKey={printKey}
      person={person}
      actions={actions}
    />
  )
  const id = `lane-${lane.number}`
  return (
    <li
      className={`${css.lane} ${css[size]} ${state.state}`}
      data-state={lane.state}
      data-marked={marked || undefined}
      data-long={next.length > LONG || undefined}
      data-testid={id}
      aria-labelledby={`${id}-name`}
    >
      {running && (
        <div
          className={css.done}
          role="progressbar"
          aria-label={t('station.progress', { lane: lane.number, step: next })}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(lane.percent)}
          style={{ transform: `scaleX(${lane.percent / 100})` }}
        />
      )}
      {marked && (
        <p className={css.here}>
          <Sign name="next" size={11} /> {t('station.here')}
        </p>
      )}
      <div className={css.head}>
        <h2 id={`${id}-name`}>{t('station.lane', { lane: lane.number })}</h2>
        {small && softKey}
        <span className={css.serial} title={lane.serialNumber}>
          {lane.serialNumber ?? '—'}
        </span>
      </div>
      {!small && (
        <div className={css.about}>
          <span className={css.model}>{lane.model ?? ''}</span>
          {softKey}
        </div>
      )}
      <p className={css.word}>
        <span className={css.sign}>
          <Sign name={LANE_SIGN[lane.state]} />
        </span>
        <span data-testid={`${id}-word`}>{text.word(lane)}</span>
      </p>
      <div className={css.say}>
        <p className={css.next} title={next} data-testid={`${id}-next`}>
          {next}
        </p>
        {what && !small && <p className={css.what}>{what}</p>}
      </div>
      {!small && <LaneFigures lane={lane} size={size} />}
      <div className={css.actions}>{button}</div>
    </li>
  )
}

const LaneFigures = ({ lane, size }: { readonly lane: Lane; readonly size: LaneGrid['size'] }) => {
  const { t } = useTranslation()
  const language = useLanguage()
  const takt = mean(lane.taktsMs)
  return (
    <div className={css.figures}>
      <span className="tnum">{t('station.laneFigures', { passed: lane.passed, failed: lane.failed })}</span>
      <span className={`${css.takt} tnum`}>
        <Spark lane={lane} width={size === 'large' ? 72 : 44} className={css.spark} />
        {takt === undefined ? t('station.noTakt') : seconds(takt, language)}
      </span>
    </div>
  )
}

/** The one thing that can be done in a lane now, if any. */
const LaneButton = ({
  lane,
  size,
  marked,
  enter,
  printKey,
  person,
  actions,
}: Parameters<typeof LaneCard>[0]) => {
  const { t } = useTranslation()
  const small = size !== 'large'
  const id = `lane-${lane.number}`
  if (lane.state === 'locked')
    return (
      <Button
        small={small}
        onClick={() => actions.unlock(lane.number)}
        reason={person.role === 'supervisor' ? undefined : t('station.needsSupervisor')}
        data-testid={`${id}-unlock`}
      >
        {t('station.unlock')}
      </Button>
    )
  if (lane.canPrint)
    return (
      <Button
        small={small}
        onClick={() => actions.print(lane.number)}
        data-testid={`${id}-print`}
        {...(printKey && size !== 'small' ? { keys: t('station.keyPrint') } : {})}
      >
        {t(
          size === 'small'
            ? 'station.printShort'
            : lane.labelPrinted
              ? 'station.printAgain'
              : 'station.print',
        )}
      </Button>
    )
  if (lane.state === 'assigned' || canTryAgain(lane))
    return (
      <Button
        small={small}
        kind={lane.state === 'assigned' ? 'primary' : 'plain'}
        onClick={() => actions.start(lane.number)}
        data-testid={`${id}-start`}
        {...(enter ? { keys: 'Enter' } : {})}
      >
        {t(lane.state === 'assigned' ? 'station.start' : 'station.tryAgain')}
      </Button>
    )
  if (lane.state === 'ready' && !marked) {
    const keys = keyOfLane(lane.number)
    return (
      <Button
        small={small}
        onClick={() => actions.choose(lane.number)}
        data-testid={`${id}-choose`}
        {...(keys ? { keys } : {})}
      >
        {t('station.chooseHere')}
      </Button>
    )
  }
  return null
}
