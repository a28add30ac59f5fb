import type { ErrorCode } from './errors'

/** Causes about firmware; the same three sentences as all others. */
export const FIRMWARE_GERMAN = {
  NO_SPACE: [
    '{subject} hat nicht genug Platz für diese Firmware.',
    'Das Gerät läuft mit seiner alten Firmware; nichts wurde geändert.',
    'Bitte schaffen Sie Platz oder nehmen Sie ein kleineres Abbild.',
  ],
  HASH_MISMATCH: [
    'Das Abbild hat nicht die Prüfsumme, die sein Manifest nennt.',
    'Es wurde nicht installiert; die alte Firmware läuft.',
    'Bitte holen Sie das Paket noch einmal beim Hersteller und fügen Sie es neu hinzu.',
  ],
  SIGNATURE_INVALID: [
    'Die Signatur dieser Firmware stimmt nicht.',
    'Sie wurde nicht installiert; die alte Firmware läuft.',
    'Bitte verwenden Sie dieses Paket nicht; holen Sie es noch einmal beim Hersteller.',
  ],
  SECURITY_VERSION_TOO_LOW: [
    'Diese Firmware ist älter, als {subject} zu seiner Sicherheit zulässt.',
    'Sie wurde nicht installiert; die alte Firmware läuft.',
    'Bitte nehmen Sie ein Paket mit gleicher oder höherer Sicherheitsversion.',
  ],
  NO_STANDBY_BANK: [
    '{subject} hat keine zweite Bank, die jetzt beschrieben oder gestartet werden könnte.',
    'Das Gerät läuft mit seiner alten Firmware; nichts wurde geändert.',
    'Bitte warten Sie das Ende der Probezeit ab oder senden Sie die Firmware noch einmal.',
  ],
  IMAGE_TRUNCATED: [
    'Das Abbild endete zu früh.',
    'Es wurde nicht installiert; die alte Firmware läuft.',
    'Bitte prüfen Sie das Netzwerk und versuchen Sie es noch einmal; was angekommen ist, bleibt erhalten.',
  ],
  DOWNGRADE_REFUSED: [
    'Diese Firmware ist nicht neuer als die, mit der {subject} läuft.',
    'Nichts wurde geändert.',
    'Bitte wählen Sie eine neuere Version.',
  ],
  SIGNER_REFUSED: [
    'Wer diese Firmware signiert hat, darf das nicht.',
    'Sie wurde nicht installiert; nichts wurde geändert.',
    'Bitte prüfen Sie den Signierer: vertraute Wurzel, für Code-Signatur gemacht, nicht abgelaufen, nicht widerrufen.',
  ],
  IMAGE_INVALID: [
    'Das ist kein Abbild, das ein Gerät starten könnte.',
    'Nichts wurde gesendet.',
    'Bitte holen Sie das Paket noch einmal beim Hersteller.',
  ],
  UPDATE_UNKNOWN: [
    '{subject} kennt dieses Update nicht mehr.',
    'Seine Firmware ist, wie sie war.',
    'Bitte sehen Sie seine Bänke an und starten Sie das Update neu.',
  ],
  VERSION_NOT_OFFERED: [
    'Dieser Laptop bietet die gewünschte Version nicht an.',
    'Nichts wurde geändert.',
    'Bitte fügen Sie das Paket der Bibliothek hinzu und starten Sie das Update neu.',
  ],
  BUNDLE_INVALID: [
    '{subject} ist kein brauchbares Firmware-Paket.',
    'Es wurde nicht hinzugefügt.',
    'Bitte holen Sie das Paket noch einmal beim Hersteller.',
  ],
  BUNDLE_UNKNOWN: [
    'Dieses Paket ist nicht in der Bibliothek.',
    'Nichts wurde geändert.',
    'Bitte fügen Sie das Paket hinzu und versuchen Sie es noch einmal.',
  ],
  ROLLOUT_UNKNOWN: [
    'Diese Verteilung gibt es nicht.',
    'Nichts wurde geändert.',
    'Bitte sehen Sie in der Liste der Verteilungen nach.',
  ],
  ROLLOUT_STOPPED: [
    'Die Verteilung wurde angehalten, bevor {subject} aktualisiert war.',
    'Es läuft die bisherige Firmware.',
    'Bitte wenden Sie den Plan noch einmal an, oder beginnen Sie eine neue Verteilung.',
  ],
  ROLLED_BACK: [
    '{subject} ist zu seiner alten Firmware zurückgekehrt.',
    'Das Gerät läuft wie zuvor; das neue Abbild ist als ungültig markiert.',
    'Bitte sehen Sie den Grund an, bevor Sie diese Version noch einmal versuchen.',
  ],
  DEADLINE_PASSED: [
    'Von {subject} war nicht rechtzeitig etwas zu hören.',
    'Das Gerät arbeitet vielleicht noch oder ist von selbst zu seiner alten Bank zurückgekehrt.',
    'Bitte sehen Sie beim Gerät nach; ist es wieder da, sagen seine Bänke, wie es steht.',
  ],
  CONSENT_NEEDED: [
    '{subject} hat keinen Weg zurück zu seiner alten Firmware.',
    'Nichts wurde gesendet.',
    'Bitte bestätigen Sie, dass Sie das in Kauf nehmen, oder lassen Sie das Gerät, wie es ist.',
  ],
} as const satisfies Partial<Record<ErrorCode, readonly [what: string, state: string, next: string]>>
