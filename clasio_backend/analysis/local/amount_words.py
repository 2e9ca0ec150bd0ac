"""Words that label a document's totals, folded. The order of the labels is the order in which they are given."""

from typing import Literal

from clasio_backend.analysis.local.vocabulary import words_pattern

AmountLabel = Literal["Total", "Amount due", "Net", "Tax", "Paid"]

# The number is the strength: "total incl. VAT" says more surely than "total" that this is the gross total.
_WORDS: dict[tuple[AmountLabel | None, int], str] = {
    (
        "Total",
        4,
    ): "grand total|total incl. vat|total including vat|total including tax|total inc|total gross|gross total|"
    "invoice total|total amount|rechnungssumme brutto|bruttosumme|bruttobetrag|gesamtbetrag brutto|"
    "gesamtsumme brutto|summe brutto|summe gesamt|gesamtsumme|rechnungsbetrag|rechnungssumme|endbetrag|endsumme|"
    "gesamt brutto|total ttc|montant ttc|montant total ttc|facture ttc|total facture ttc|totaal incl|"
    "totaalbedrag|factuur totaal|factuurbedrag|total con iva|total factura|importe total|totale fattura|"
    "totale documento|totale iva inclusa|razem brutto|wartosc brutto|suma brutto|kwota brutto|valor total|"
    "total com iva|fakturabelopp|价税合计|합계금액|税込合計",
    ("Total", 3): "total|totals|gesamtbetrag|gesamt|summe|totaal|totale|razem|suma|montant total|total general|"
    "total facture|summa|i alt|celkem|osszesen|yhteensa|toplam|合计|總計|总计|합계|총액|合計|bill amount",
    ("Amount due", 4): "balance due|amount due|total due|total amount due|due payable|amount payable|total payable|"
    "please pay|to pay|zahlbetrag|zu zahlen|zu zahlender betrag|offener betrag|falliger betrag|net a payer|"
    "somme a payer|montant a payer|reste a payer|montant du prelevement|te betalen|openstaand bedrag|total a pagar|"
    "importe a pagar|saldo pendiente|totale da pagare|importo dovuto|do zaplaty|pozostalo do zaplaty|att betala|"
    "at betale|k uhrade|fizetendo|应付金额|납부금액|お支払金額|請求金額",
    (
        "Net",
        3,
    ): "subtotal|sub total|sub-total|net total|total net|net amount|total excl|total before tax|nettobetrag|"
    "nettosumme|rechnungssumme netto|summe netto|gesamt netto|zwischensumme|total ht|montant ht|sous-total|"
    "sous total|total hors taxes|subtotaal|totaal excl|exclusief btw|base imponible|imponibile|totale imponibile|"
    "razem netto|wartosc netto|suma netto|小计|공급가액|小計|net invoice",
    ("Tax", 3): "total tax|sales tax|vat amount|vat total|total vat|tax total|tax amount|steuerbetrag|umsatzsteuer|"
    "ust. gesamt|zzgl. mwst|mwst. betrag|total tva|montant tva|montant total de tva|total taxes|btw bedrag|"
    "cuota iva|importe iva|totale iva|kwota vat|税额|세액|消費税",
    ("Tax", 1): "tax|vat|gst|mwst|mwst.|ust|ust.|tva|btw|iva|moms|taxes|taxe|dph|kdv",
    (
        "Paid",
        3,
    ): "amount paid|paid amount|payment received|already paid|bereits gezahlt|angezahlt|anzahlung|montant paye|"
    "deja regle|betaald|importe pagado|importo pagato|zaplacono|paye|paid|gezahlt",
    # Names of columns and of other sums: known, so that they are not taken for the total.
    (
        None,
        3,
    ): "discount|discounts|rabatt|remise|korting|descuento|sconto|rabat|shipping|versand|freight|change|ruckgeld|"
    "geg. bar|tax rate|total quantity|total pages|total hours|zeilenbetrag|abschlage|zuschlage|de remises|"
    "de supplements|de toutes les lignes|capital de|capital social|abonnement|consommation",
}

AMOUNT_LABEL_OF = {word: label for label, words in _WORDS.items() for word in words.split("|")}
AMOUNT_LABELS = words_pattern(word for words in _WORDS.values() for word in words.split("|"))
