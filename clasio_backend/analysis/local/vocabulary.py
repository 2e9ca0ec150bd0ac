"""Words on business documents that label a date or an amount, folded (lower case, no accents)."""

import re
from collections.abc import Iterable
from typing import Literal

_MONTH_NAMES = """
january jan januar januari janvier janv enero ene gennaio gen stycznia styczen janeiro leden ledna
february feb februar februari fevrier fevr febrero febbraio lutego luty fevereiro fev unor unora
march mar marz maerz maart mrt mars marzo marca marzec marco brezen brezna
april apr avril avr abril abr aprile kwietnia kwiecien duben dubna
may mai mei mayo maggio mag maja maj maio kveten kvetna
june jun juni juin junio giugno giu czerwca czerwiec junho cerven cervna
july jul juli juillet juil julio luglio lug lipca lipiec julho cervenec cervence
august aug augustus aout agosto ago sierpnia sierpien augusti srpen srpna
september sep sept septembre septiembre settembre set wrzesnia wrzesien setembro zari
october oct oktober okt octobre octubre ottobre ott pazdziernika pazdziernik outubro out rijen rijna
november nov novembre noviembre listopada listopad novembro
december dec dezember dez decembre diciembre dic dicembre grudnia grudzien dezembro prosinec prosince
"""
MONTHS: dict[str, int] = {
    name: number for number, names in enumerate(_MONTH_NAMES.strip().splitlines(), start=1) for name in names.split()
}

# The number is the strength: a label that says exactly this beats a mere "date".
DateRole = Literal["issued", "due", "expires", "none"]
_DATE_WORDS: dict[tuple[DateRole, int], str] = {
    ("none", 1): "date of birth|birth|born|geburts*|geboren|naissance|nacimiento|nascita|urodzenia|delivery date|"
    "date of delivery|lieferdatum|leistungsdatum|order date|orderdatum|bestelldatum|date de livraison|"
    "date de commande|ship date|shipment date|zeitraum|period|abrechnungszeitraum|data sprzedazy|print date|"
    "date de facture associee|facture associee|"
    "debut de prestation|fin de prestation|check in|check out|prelevement|releve|version|stylesheet",
    ("due", 3): "due date|date due|due on|due by|payment due|payable by|payable until|pay by|please remit until|"
    "falligkeitsdatum|fallig am|fallig|zahlbar bis|zahlbar innerhalb|zahlungsziel|"
    "uberweisen sie bis zum|bis zum|vervaldatum|uiterste betaaldatum|voldoen voor|betalen voor|date d'echeance|"
    "echeance|date limite de paiement|date limite|a payer avant|fecha de vencimiento|vencimiento|"
    "fecha limite|termin platnosci|platne do|scadenza|data de vencimento|forfallodag|forfaldsdato|splatnost|"
    "付款期限|납부기한|支払期限",
    ("due", 2): "due",
    ("expires", 3): "expiry date|expiration date|offer expiration|expires on|expires|expiry|expiration|valid until|"
    "valid to|valid through|valid thru|gultig bis|ablaufdatum|lauft bis|befristet bis|endet am|geldig tot|verloopt op|"
    "valable jusqu'au|date d'expiration|expire le|valido hasta|valida hasta|fecha de caducidad|caduca|"
    "wazny do|wazna do|wazne do|valido fino al|data di scadenza|valido ate|giltig till|有效期至|만료일|有効期限",
    ("expires", 2): "end date|vertragsende|einddatum|date de fin|fecha de fin|data zakonczenia|terminates on|until",
    ("issued", 3): "invoice date|date of invoice|date of issue|issue date|issued at|issued on|date issued|bill date|"
    "statement date|receipt date|letter date|contract date|agreement date|effective date|rechnungsdatum|"
    "belegdatum|ausstellungsdatum|ausgestellt am|vertragsdatum|factuurdatum|factuur datum|date de facture|"
    "date de la facture|date de facturation|date d'emission|emise le|facture du|date facture|"
    "fecha de factura|fecha factura|fecha de emision|data wystawienia|data fattura|data di emissione|data de emissao|"
    "fakturadatum|fakturadato|datum vystaveni|开票日期|발행일|작성일|発行日|請求日",
    ("issued", 2): "dated|made on|made as of|entered into as of|effective as of|as of|invoice number|rechnung nr|"
    "rechnungsnr|rechnung|facture n|facture|factuur|invoice|geschlossen|wird am",
    ("issued", 1): "date|datum|dato|data|fecha|日期|날짜|일자|日付|on|vom|le|am|den|du",
}


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for whole words or phrases, the longest first, so that "date of birth" is not read as "date".

    A trailing `*` lets the word go on; CJK words need no boundary.
    """
    latin, other = [], []
    for word in sorted(words, key=len, reverse=True):
        open_end = word.endswith("*")
        escaped = re.escape(word.rstrip("*"))
        if word.isascii():
            latin.append(escaped if open_end else escaped + r"(?![^\W\d_])")
        else:
            other.append(escaped)
    parts = [rf"(?<![^\W\d_])(?:{'|'.join(latin)})"] if latin else []
    return re.compile("|".join([*parts, *other]))


DATE_LABEL_OF = {word.rstrip("*"): label for label, words in _DATE_WORDS.items() for word in words.split("|")}
DATE_LABELS = words_pattern(word for words in _DATE_WORDS.values() for word in words.split("|"))
