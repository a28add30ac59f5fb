/** What a step of a job tells people, as a code with values and its words in both languages. */
import { z } from 'zod'
import type { Language } from './language'

/** Each code with its English and its German words; `{…}` are its values. */
const JOB_NOTES = {
  'rollout-paused-person': [
    'its rollout was paused by a person: resume or stop it under Firmware',
    'seine Verteilung hat jemand angehalten: unter Firmware fortsetzen oder beenden',
  ],
  'rollout-paused-too-many-errors': [
    'its rollout is paused, too many devices failed: resume or stop it under Firmware',
    'seine Verteilung hält an, zu viele Geräte sind gescheitert: unter Firmware fortsetzen oder beenden',
  ],
  'rollout-paused-wave-not-passed': [
    'its rollout is paused, a wave has not passed: resume or stop it under Firmware',
    'seine Verteilung hält an, eine Welle hat nicht bestanden: unter Firmware fortsetzen oder beenden',
  ],
  'rollout-paused-bundle-problem': [
    'its rollout is paused, its bundle can not be used: resume or stop it under Firmware',
    'seine Verteilung hält an, ihr Paket ist nicht brauchbar: unter Firmware fortsetzen oder beenden',
  ],
  'rollout-goes-on': ['its rollout goes on', 'seine Verteilung geht weiter'],
  parameters: ['{count} parameters', '{count} Parameter'],
  'parameters-version': ['{count} parameters, version {version}', '{count} Parameter, Version {version}'],
  'parameters-left': [
    '{count} parameters, version {version} ({left} not on this model)',
    '{count} Parameter, Version {version} ({left} nicht bei diesem Modell)',
  ],
  version: ['version {version}', 'Version {version}'],
  'version-already': ['already, version {version}', 'schon da, Version {version}'],
  'version-change': ['version {from} → {to}', 'Version {from} → {to}'],
  'runs-already': ['runs {version} already', '{version} läuft schon'],
  certificate: ['certificate {number}', 'Bescheinigung {number}'],
  'rolled-back': ['rolled back', 'zurückgenommen'],
  records: ['{count} records', '{count} Einträge'],
  'records-lost': ['{count} records, {lost} lost', '{count} Einträge, {lost} verloren'],
  'cleared-through': ['through {number}', 'bis {number}'],
  'records-there': ['{from} to {to} are there', '{from} bis {to} sind da'],
  'no-records': ['empty', 'leer'],
  bytes: ['{bytes} bytes', '{bytes} Byte'],
  'bytes-resumed': ['{bytes} bytes, resumed at {at}', '{bytes} Byte, fortgesetzt bei {at}'],
  'it-runs-already': ['it runs already', 'es läuft schon'],
  'it-is-there-already': ['it is there already', 'es ist schon da'],
  'it-has-restarted': ['it has restarted already', 'es hat schon neu gestartet'],
  runs: ['{version} runs', '{version} läuft'],
  'runs-on-trial': ['{version} runs on trial', '{version} läuft auf Probe'],
  kept: ['kept for good', 'endgültig behalten'],
  'kept-version': ['{version}, kept for good', '{version}, endgültig behalten'],
  'on-trial': [
    'on trial: the next restart brings back {before}',
    'auf Probe: der nächste Neustart bringt {before} zurück',
  ],
  'on-trial-unknown': [
    'on trial: the next restart brings back the old image',
    'auf Probe: der nächste Neustart bringt das alte Image zurück',
  ],
  'on-trial-version': [
    '{version}, on trial: the next restart brings back {before}',
    '{version}, auf Probe: der nächste Neustart bringt {before} zurück',
  ],
  'on-record': ['on record', 'steht im Verzeichnis'],
  'every-byte': ['every byte as sent', 'jedes Byte wie gesendet'],
  'key-answered': ['the key answered', 'der Schlüssel hat geantwortet'],
  locked: ['locked, label ready', 'gesperrt, Etikett bereit'],
  wired: ['wired', 'mit Kabel'],
  board: ['{model} {revision}, board {id}', '{model} {revision}, Platine {id}'],
  'board-silent': ['a device that does not say which one it is', 'ein Gerät, das nicht sagt, welches es ist'],
  'board-blank': [
    '{model} {revision}, firmware {version}, key in {storage}',
    '{model} {revision}, Firmware {version}, Schlüssel in {storage}',
  ],
  'runs-mode': ['{version} runs, {mode}', '{version} läuft, {mode}'],
  'nothing-runs-mode': ['nothing runs, {mode}', 'nichts läuft, {mode}'],
  'certificates-bytes': ['{count} certificates, {bytes} bytes', '{count} Zertifikate, {bytes} Byte'],
  'read-over-cable': ['{phase}, read over the cable', '{phase}, über das Kabel gelesen'],
  'test-runs': ['test {id}', 'Test {id}'],
  'joined-unheard': [
    'joined, by its word over the cable; this laptop does not hear it there',
    'beigetreten, wie es über das Kabel sagt; dieser Laptop hört es dort nicht',
  ],
} as const satisfies Record<string, readonly [en: string, de: string]>

type Texts = typeof JOB_NOTES
export type JobNoteCode = keyof Texts

/** The names between braces. */
type Named<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Named<Rest> : never
type Values<C extends JobNoteCode> = Readonly<Record<Named<Texts[C][0]>, string | number>>

/** As it is journalled. The code is open: one that only a newer program knows is shown in its English words. */
export const jobNoteSchema = z.object({
  code: z.string().max(64),
  values: z.record(z.string(), z.union([z.string().max(120), z.number()])),
})
export type JobNote = z.infer<typeof jobNoteSchema>

/** A note with every value that its words need. */
export const jobNote = <C extends JobNoteCode>(
  code: C,
  ...[values]: [Named<Texts[C][0]>] extends [never] ? [] : [Values<C>]
): JobNote => ({ code, values: { ...values } })

/** All codes there are. */
export const JOB_NOTE_CODES = Object.keys(JOB_NOTES) as readonly JobNoteCode[]

const isCode = (code: string): code is JobNoteCode => Object.hasOwn(JOB_NOTES, code)

/** The words of a note, undefined where its code is not known here. */
export const jobNoteText = ({ code, values }: JobNote, language: Language): string | undefined => {
  if (!isCode(code)) return undefined
  const [en, de] = JOB_NOTES[code]
  const words = language === 'de' ? de : en
  return words.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** What a step has told: in words where it has a code, else the technical fact as it stands. */
export const stepNote = (
  step: { readonly note?: string | undefined; readonly told?: JobNote | undefined },
  language: Language,
): string | undefined => (step.told && jobNoteText(step.told, language)) ?? step.note
