"""Words around the names of companies and people."""

# As they are written, without dots and commas at the end.
LEGAL_FORMS = frozenset(
    """
    GmbH gGmbH mbH AG KG OHG UG KGaA eG Ltd LTD Limited LIMITED Inc INC Incorporated LLC L.L.C LLP L.L.P PLC plc Corp
    CORP Corporation CORPORATION Co.KG S.A SA S.A.S SAS SARL Sarl S.à.r.l SASU EURL SNC S.C.S B.V BV N.V NV VOF C.V S.L
    SL S.L.U S.A.U SLU S.p.A SpA S.P.A SPA S.r.l Srl S.R.L SRL s.r.l A/S ApS ASA AB Oy OY Oyj a.s s.r.o S.R.O Kft
    Zrt Nyrt o.o O.O S.A.R.L Pty Bhd Lda Ltda LTDA e.V SE PLLC Pte 有限公司 股份有限公司 株式会社 주식회사
    """.split()  # noqa: SIM905 - a list of sixty literals is harder to read
)
FROM_LABELS = frozenset(
    """
    from|seller|vendor|supplier|sold by|issued by|issuer|service provider|payable to|payment received by|remit to|
    verkaufer|lieferant|rechnungssteller|aussteller|absender|von|auftragnehmer|vendeur|fournisseur|emetteur|
    informations sur le vendeur|verkoper|leverancier|afzender|van|vendedor|proveedor|emisor|de|venditore|fornitore|
    mittente|da|sprzedawca|wystawca|dostawca|saljare|avsandare|licensor|employer|arbeitgeber|landlord|vermieter|
    titulaire du compte|卖方|销售方|공급자|売り手|甲方
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
TO_LABELS = frozenset(
    """
    to|bill to|billed to|bill to address|sold to|ship to|buyer|customer|client|attn|attention|invoice to|guest name|
    an|kaufer|kunde|empfanger|rechnungsempfanger|kaufer/leistungsempfanger|auftraggeber|a|acheteur|destinataire|
    adresse du client|adresse de facturation|adresse de livraison|informations sur l'acheteur|koper|klant|aan|
    factuuradres|cliente|comprador|destinatario|acquirente|nabywca|odbiorca|kopare|licensee|employee|arbeitnehmer|
    tenant|mieter|买方|购买方|공급받는자|買い手|乙方
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
NAME_LABELS = ("name:", "nom:", "nom de la societe:", "nombre:", "naam:", "nome:", "company:", "firma:", "nazwa:")
# What contracts are "between" besides companies: parts of themselves.
NOT_A_PARTY = frozenset(
    ("agreement", "terms", "page", "party", "parties", "contract", "document", "vertrag", "section")
)
# A company's own papers carry these near its name.
SENDER_MARKS = (
    "vat id",
    "vat no",
    "vat reg",
    "ust-id",
    "ustid",
    "ust id",
    "steuernummer",
    "hrb ",
    "hra ",
    "handelsregister",
    "geschaftsfuhrer",
    "vorstand",
    "siret",
    "siege social",
    "capital de",
    "kvk",
    "iban",
    "p.iva",
    "partita iva",
    "registered office",
    "company no",
)
BETWEEN = (
    (" between ", " and "),
    (" zwischen ", " und "),
    (" entre ", " et "),
    (" entre ", " y "),
    (" tussen ", " en "),
    (" tra ", " e "),
    (" pomiedzy ", " a "),
)
CLOSINGS = (
    "sincerely",
    "yours faithfully",
    "best regards",
    "kind regards",
    "regards",
    "mit freundlichen grussen",
    "freundliche grusse",
    "mit besten grussen",
    "cordialement",
    "salutations distinguees",
    "met vriendelijke groet",
    "hoogachtend",
    "atentamente",
    "un cordial saludo",
    "cordiali saluti",
    "distinti saluti",
    "z powazaniem",
    "med vanlig halsning",
)
# Titles, headings and greetings that look like names.
_NOT_NAMES = """
    invoice|rechnung|facture|factuur|factura|fattura|faktura|receipt|payment receipt|quittung|original|copy|kopie|
    duplicata|tax invoice|credit note|gutschrift|avoir|page|seite|date|datum|notes|terms|summary|total|description|
    item|items|customer|client|kunde|the company|company|the parties|agreement|contract|this agreement|purchase order|
    packing list|bill|statement|report|letter|memo|user|name|address|adresse|anschrift|deutschland|germany|france|
    nederland|espana|italia|polska|united states|usa|limited|you|us|me|the|belegverfilmung|musterbrief|overview|
    ms|mr|mrs|mme|herr|frau|dr|qty|price|amount|quantity|product|subtotal|terms|bic|iban|
    corporate|index|transcript|confidential|draft|introduction|contents|nom|nombre|nos contacter
"""
NOT_A_NAME = frozenset(_NOT_NAMES.replace("\n", "").replace("    ", "").split("|"))
FREE_MAIL = frozenset(
    """
    gmail googlemail outlook hotmail yahoo icloud gmx web example email mail aol proton protonmail domain localhost
    fake test w3 schema google github youtube microsoft apple adobe tcpdf facebook twitter linkedin
    """.split()  # noqa: SIM905 - as above
)
# A line with one of these words is a heading or a label, not a name on a letterhead.
_LABEL_WORDS = """
    date|datum|fecha|number|no|nr|price|preis|prix|quantity|qty|menge|quantite|product|produkt|produit|amount|betrag|
    montant|total|bic|iban|vat|tax|tva|mwst|ust|btw|description|item|terms|payment|document|page|seite|original|copy|
    invoice|rechnung|facture|factuur|factura|fattura|faktura|receipt|food|details|form|of|summary|to|ship|bill|
    adresse|address|telefon|phone|fax|email|name|order|bestellung|customer|kunde|client|nummer|numero|subject|re|letter|brief|lettre|carta|resume|curriculum|cv|
    objective|education|experience|header|signature|founder|contract|vertrag|agreement|report|bericht
"""
LABEL_WORDS = frozenset(_LABEL_WORDS.replace("\n", "").replace(" ", "").split("|"))
# Who receives the money is who wrote the invoice.
ACCOUNT_HOLDER = (
    "titulaire du compte",
    "kontoinhaber",
    "account holder",
    "account name",
    "beneficiary",
    "begunstigter",
)
