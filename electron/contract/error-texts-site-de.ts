/** German texts of the causes about whole sites and the end of life. */
import type { ErrorCode } from './errors'

export const SITE_GERMAN = {
  GROUP_INVALID: [
    'So kann die Gruppe nicht behalten werden: {subject}.',
    'Die Gruppen sind, wie sie waren.',
    'Bitte wählen Sie eine Gruppe darüber, die es gibt und die nicht darunter liegt; eine Gruppe mit Mitgliedern oder Gruppen darin lässt sich nicht entfernen.',
  ],
  PHRASE_WRONG: [
    'Eingegeben wurde etwas anderes als verlangt.',
    'Nichts wurde widerrufen und nichts gelöscht.',
    'Bitte geben Sie die Wörter genau so ein, wie sie dastehen.',
  ],
  ORDER_NEEDED: [
    'Gelöscht wird nur mit einem Auftrag zur Außerbetriebnahme: {subject}.',
    'Nichts wurde widerrufen und nichts gelöscht.',
    'Bitte beauftragen Sie es unter Geräte mit „Außer Betrieb nehmen …“ oder im Terminal mit „decommission run“: beide fragen nach den getippten Wörtern.',
  ],
  DECOMMISSIONED: [
    'An diesem Standort außer Betrieb genommen: {subject}.',
    'Es wird hier abgewiesen; nichts wurde daran geändert.',
    'Bitte sehen Sie unter Standort nach; soll es zurückkommen, erlauben Sie es in der Richtlinie.',
  ],
  PROOF_INVALID: [
    'Der Beweis der Löschung stimmt nicht: {subject}.',
    'Die Zertifikate sind widerrufen; ob gelöscht wurde, ist nicht bekannt.',
    'Bitte versuchen Sie es noch einmal; bleibt es so, gilt das Gerät als nicht gelöscht.',
  ],
  LABEL_UNREADABLE: [
    'Gescannt wurde kein Etikett eines Geräts.',
    'Nichts wurde vermerkt.',
    'Bitte scannen Sie das Quadrat auf dem Etikett des blinkenden Geräts.',
  ],
  CERTIFICATE_UNKNOWN: [
    'Ein solches Zertifikat hat dieser Standort nicht ausgestellt.',
    'Nichts wurde widerrufen.',
    'Bitte wählen Sie ein Zertifikat aus der Liste.',
  ],
  BATCH_UNKNOWN: [
    'Diese Aufträge sind nicht mehr verzeichnet.',
    'Nichts wurde angehalten oder fortgesetzt.',
    'Bitte sehen Sie sich die Liste der Aufträge neu an.',
  ],
  FROZEN: [
    'Wird gerade außer Betrieb genommen: {subject}.',
    'Es wird nichts Neues damit begonnen.',
    'Bitte warten Sie das Ende unter Aufträge ab.',
  ],
} as const satisfies Partial<Record<ErrorCode, readonly [string, string, string]>>
