"""Words in the body of a document that speak for a kind; each counts once. Written as in `types.py`."""

from clasio_backend.analysis.kinds import Kind

# Two points each, then one point each.
EVIDENCE: dict[Kind, tuple[str, str]] = {
    Kind.INVOICE: (
        "invoice number|invoice no|invoice date|bill to|balance due|amount due|rechnungsnummer|rechnungsnr|rechnungsdatum|"
        "rechnungsbetrag|numero de facture|facture n|date de facture|total ttc|net a payer|factuurnummer|factuurdatum|"
        "numero de factura|fecha de factura|numer faktury|faktura nr|data wystawienia|numero fattura|data fattura|"
        "due payable|somme a payer|date d echeance|~发票号码|~请求书番号|~청구금액",
        "subtotal|payment terms|unit price|due date|vat.|tax.|iban|remit|purchase order|nettobetrag|umsatzsteuer|mwst|"
        "zahlbar|uberweisen|gesamtbetrag|bankverbindung|montant ht|tva.|siret|prix unitaire|reglement|btw.|te betalen|"
        "klantnummer|vervaldatum|iva.|importe|vencimiento|base imponible|nip.|sprzedawca|nabywca|brutto|do zaplaty|"
        "imponibile|partita iva|scadenza|ust id|kundennummer|billing|quantity",
    ),
    Kind.RECEIPT: (
        "payment received|paid by|amount tendered|change due|cash register|kassierer|ruckgeld|geg bar|rendu monnaie|"
        "paye.|wisselgeld|cambio.|efectivo|resto.|contanti|gotowka|thank you for your purchase|payment mode|tip.|server",
        "cashier|cash.|visa.|mastercard|terminal|bon nr|kasse|bar eur|guest|table.|check out|especes|carte bancaire|"
        "pin.|contant|tarjeta|carta di credito|karta|plein tarif|tarif reduit",
    ),
    Kind.QUOTE: (
        "quote number|quotation|this quote|valid until|angebotsnummer|freibleibend|gultig bis|devis n|validite du devis|"
        "offertenummer|validez de la oferta|presupuesto n|preventivo n",
        "estimate|offer.|proposal|scope of work|bindefrist|bon pour accord",
    ),
    Kind.ORDER: (
        "purchase order|po number|order number|order id|buyer|bestellnummer|auftragsnummer|numero de commande|ordernummer|"
        "numero de pedido|numer zamowienia|sales order",
        "requested delivery|ship to|supplier|lieferadresse|order lines|line id|delivery terms|seller",
    ),
    Kind.DELIVERY_NOTE: (
        "packing list|delivery note|lieferschein|bon de livraison|pakbon|albaran|number of cartons|of cartons|gross weight|"
        "tracking number",
        "shipped|carton|weight|ship to|quantity shipped|part number|received by|colis|packstucke",
    ),
    Kind.CONTRACT: (
        "hereinafter|hereby agree|in witness whereof|governing law|the parties agree|party agrees|this agreement|"
        "confidential information|indemnif|vertragspartner|der auftragnehmer|der auftraggeber|dieser vertrag|"
        "vertragsgegenstand|gerichtsstand|les parties|le present contrat|il est convenu|de partijen|deze overeenkomst|"
        "las partes|el presente contrato|le parti|il presente contratto|strony umowy|niniejsza umowa|whereas|"
        "~甲方|~乙方|~본 계약",
        "termination|liability|shall.|obligations|effective date|warrant|arbitration|jurisdiction|intellectual property|"
        "counterpart|licensor|licensee|clause|kundigungsfrist|haftung|schlussbestimmungen|salvatorische|resiliation|"
        "responsabilite|rescision|foro competente|recesso|rozwiazanie|wypowiedzenie",
    ),
    Kind.LETTER: (
        "dear sir|dear madam|dear mr|dear ms|dear mrs|to whom it may concern|yours sincerely|yours faithfully|sincerely|"
        "sehr geehrte|mit freundlichen grussen|madame monsieur|cher monsieur|salutations distinguees|"
        "geachte heer|geachte mevrouw|met vriendelijke groet|hoogachtend|estimado|estimada|atentamente|egregio|"
        "distinti saluti|cordiali saluti|szanowni panstwo|szanowny panie|z powazaniem|~尊敬的|~拝啓|~敬具",
        "dear.|best regards|kind regards|regards.|re.|subject.|betreff|objet.|betreft|asunto|oggetto|enclosure|"
        "anlage|piece jointe|i am writing|please find|wir bestatigen|hiermit|letter",
    ),
    Kind.RESUME: (
        "work experience|professional experience|employment history|available upon request|vocational|ausbildung|"
        "berufserfahrung|formation.|experience professionnelle|competences|werkervaring|opleiding|formacion academica|"
        "experiencia laboral|experiencia profesional|istruzione|esperienza lavorativa|wyksztalcenie|"
        "doswiadczenie zawodowe|master thesis|tesis de maestria|~教育背景|~工作经历|~工作背景|~학력|~경력|~学歴|~職歴",
        "education|experience|skills|objective|references|languages|hobbies|interests|kenntnisse|sprachkenntnisse|"
        "loisirs|talen.|vaardigheden|idiomas|habilidades|experiencia|competenze|umiejetnosci|bachelor|master|university|"
        "degree|employer|~专业|~语言|~기술",
    ),
    Kind.PAYSLIP: (
        "gross pay|net pay|pay period|year to date|lohnsteuer|sozialversicherung|auszahlungsbetrag|salaire brut|net imposable|"
        "brutoloon|nettoloon|salario bruto|liquido a percibir|retribuzione|wynagrodzenie brutto",
        "deductions|employee number|personalnummer|steuerklasse|cotisations|loonheffing|irpf|trattenute",
    ),
    Kind.BANK_STATEMENT: (
        "opening balance|closing balance|previous balance|new balance|kontostand|alter saldo|neuer saldo|solde|"
        "beginsaldo|eindsaldo|saldo inicial|saldo final|saldo iniziale|saldo poczatkowe",
        "withdrawal|deposit|transaction|buchung|wertstellung|valuta|virement|overboeking|transferencia|bonifico",
    ),
    Kind.TAX: (
        "wage and tax|tax withheld|taxable income|income tax|internal revenue|einkommensteuer|finanzamt|impot sur le revenu|"
        "belastingdienst|agencia tributaria|agenzia delle entrate|urzad skarbowy",
        "tax year|social security|steuernummer|tax return|veranlagung",
    ),
    Kind.INSURANCE: (
        "policyholder|policy number|sum insured|insured person|versicherungsnehmer|versicherungsnummer|"
        "numero de police|polisnummer|numero de poliza|numero polizza|numer polisy",
        "premium|coverage|deductible|insurer|beitrag|pramie|assure.|prima.",
    ),
    Kind.REPORT: (
        "executive summary|annual report|fiscal year|in this paper|in this study|related work|our results|"
        "securities and exchange|key findings|methodology|stakeholder|sustainab|keywords|abstract|mots cles|"
        "resultats|dans cet article|geschaftsjahr|ergebnisse|conclusiones|resultados|conclusioni|wnioski|"
        "~摘要|~结论|~요약|~결론|~현황|~들어가며|~まとめ",
        "figure|analysis|results|conclusion|references|bibliograph|appendix|emissions|revenue|growth|introduction|et al|"
        "research|data.|approach|fazit|literatur|einleitung|annexe|discussion|shareholders|~보험|~国内|~분석",
    ),
    Kind.MINUTES: (
        "in attendance|attendees|action items|meeting called to order|meeting adjourned|seconded|minutes of|minutes.|"
        "next meeting|call to order|approval of minutes|public comment|teilnehmer|anwesend|tagesordnung|beschluss|"
        "seance|ordre du jour|presences|etaient presents|aanwezig|actiepunten|orden del dia|asistentes|ordine del giorno|"
        "porzadek obrad|obecni|transcript|~出席|~参会|~회의|~議題",
        "agenda|present.|absent|meeting|chair|motion|discuss|quorum|board of|committee|sitzung|protokoll|secretaire|"
        "conseil|vergadering|reunion|riunione|zebranie|review of|recording",
    ),
    Kind.PRESENTATION: (
        "slide|next steps|key takeaways|thank you for your attention|any questions|vielen dank fur ihre aufmerksamkeit|"
        "merci de votre attention|gracias por su atencion|folie",
        "overview|roadmap|agenda|subtitle|bulleted",
    ),
    Kind.FORM: (
        "please fill|please enter|fill in|fill out|please print|check all that apply|please complete|choose as many|"
        "signature field|bitte ausfullen|zutreffendes ankreuzen|veuillez remplir|cocher|invullen|aankruisen|"
        "rellene|marque con|compilare|barrare|wypelnic|zaznacz|submit application|date requested|form number|form title",
        "signature|date of birth|first name|last name|unterschrift|geburtsdatum|nom et prenom|handtekening|firma.|"
        "podpis|gender|nationality|applicant|antragsteller|form.|zip code|control number|check box|submit|school name",
    ),
    Kind.MANUAL: (
        "safety instructions|troubleshooting|press the|user manual|owner s manual|getting started|installation|"
        "inhaltsverzeichnis|bedienung|sicherheitshinweise|mode d emploi|appuyez|handleiding|gebruiksaanwijzing|"
        "instrucciones|pulse el|premere|istruzioni|nacisnij|this handbook|this manual|this guide|no shutdown|"
        "technical data|rated voltage|specification|handbook|data sheet",
        "step.|configure|configuration|button|maintenance|warning|caution|connect|chapter|settings|example|command|"
        "procedure|install|note.|schritt|einstellungen|beispiel|code.|version|features|switch|operation|must be|"
        "functional requirements|konfigur|download|remote|must not",
    ),
    Kind.CERTIFICATE: (
        "this is to certify|hereby certif|hiermit wird bescheinigt|certifie que|certifica que|hierbij verklaart|"
        "si certifica|zaswiadcza sie|has successfully completed|is awarded",
        "accredit|iso 9001|issued to|certificate number|valid until|auditor",
    ),
    Kind.SPREADSHEET: (
        "",
        "q1.|q2.|q3.|q4.|ttl.|fy.|average|budget|forecast|y o y|p a.|per cent",
    ),
}
