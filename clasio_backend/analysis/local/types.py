"""What documents call themselves: names of document types as they stand in titles, and the kind each belongs to.

Folded. A word may go on ("invoice" meets "invoices"); a trailing dot ends it; a leading `~` lets it stand inside a word
(German and Dutch compounds, CJK). More special types stand before the general ones.
"""

from clasio_backend.analysis.kinds import Kind

TYPES: tuple[tuple[Kind, str, str], ...] = (
    (Kind.INVOICE, "Credit note", "credit note|credit memo|gutschrift|rechnungskorrektur|avoir.|creditnota|creditfactuur|"
     "nota de credito|abono.|nota di credito|faktura korygujaca|kreditnota"),
    (Kind.INVOICE, "Payment reminder", "payment reminder|mahnung|zahlungserinnerung|rappel de paiement|mise en demeure|"
     "betalingsherinnering|aanmaning|recordatorio de pago|sollecito di pagamento|wezwanie do zaplaty"),
    (Kind.RECEIPT, "Receipt", "payment receipt|sales receipt|order receipt|cash receipt|receipt|quittung|kassenbon|"
     "kassenbeleg|zahlungsbeleg|recu.|recu de paiement|ticket de caisse|kassabon|betaalbewijs|recibo|ricevuta|"
     "scontrino|paragon|potwierdzenie platnosci|kvitto|~收据|~收據|~영수증|~領収書"),
    (Kind.INVOICE, "Invoice", "invoice|tax invoice|commercial invoice|~rechnung.|~rechnungsnummer|facture|~factuur|"
     "factura.|factura n|fattura|faktura|fatura|lasku.|szamla|~发票|~發票|~세금계산서|~請求書|bill no"),
    (Kind.QUOTE, "Quote", "quotation|quote.|price quote|cost estimate|estimate|angebot|kostenvoranschlag|devis.|offerte|"
     "presupuesto|cotizacion|preventivo|oferta|oferta cenowa|orcamento|proposal|~报价单|~견적서|~見積書"),
    (Kind.ORDER, "Purchase order", "purchase order|order confirmation|sales order|auftragsbestatigung|bestellung|"
     "bon de commande|confirmation de commande|bestelling|orderbevestiging|orden de compra|pedido|ordine|"
     "ordine di acquisto|zamowienie|~采购订单|~订单|~주문서|~発注書|~注文書"),
    (Kind.DELIVERY_NOTE, "Packing list", "packing list|packing slip|packliste|liste de colisage|paklijst|lista de empaque"),
    (Kind.DELIVERY_NOTE, "Delivery note", "delivery note|delivery slip|dispatch note|lieferschein|bon de livraison|pakbon|"
     "albaran|nota de entrega|documento di trasporto|bolla di consegna|dowod dostawy|~送货单|~납품서|~納品書"),
    (Kind.PAYSLIP, "Payslip", "payslip|pay slip|pay stub|earnings statement|~lohnabrechnung|~gehaltsabrechnung|"
     "entgeltabrechnung|bulletin de paie|fiche de paie|bulletin de salaire|loonstrook|salarisstrook|nomina.|busta paga|"
     "pasek wynagrodzen|~工资单|~급여명세서|~給与明細"),
    (Kind.BANK_STATEMENT, "Bank statement", "bank statement|account statement|statement of account|kontoauszug|"
     "releve de compte|releve bancaire|rekeningafschrift|bankafschrift|extracto bancario|extracto de cuenta|"
     "estratto conto|wyciag bankowy|wyciag z rachunku|~银行对账单"),
    (Kind.TAX, "Tax document", "tax return|tax assessment|wage and tax statement|steuerbescheid|steuererklarung|"
     "umsatzsteuervoranmeldung|avis d imposition|declaration de revenus|belastingaangifte|aanslag|"
     "declaracion de la renta|dichiarazione dei redditi|zeznanie podatkowe"),
    (Kind.INSURANCE, "Insurance policy", "insurance policy|insurance certificate|certificate of insurance|~versicherungsschein|"
     "versicherungspolice|police d assurance|attestation d assurance|verzekeringspolis|poliza de seguro|"
     "polizza assicurativa|polisa"),
    (Kind.CONTRACT, "Non-disclosure agreement", "non disclosure agreement|mutual nda|nda.|one way nda|confidentiality agreement|"
     "geheimhaltungsvereinbarung|verschwiegenheitserklarung|accord de confidentialite|geheimhoudingsovereenkomst|"
     "acuerdo de confidencialidad|accordo di riservatezza|umowa o zachowaniu poufnosci"),
    (Kind.CONTRACT, "Data processing agreement", "data processing agreement|data processing addendum|"
     "auftragsverarbeitungsvertrag|verwerkersovereenkomst|accord de traitement des donnees"),
    (Kind.LETTER, "Offer letter", "offer letter|employment offer|offer of employment"),
    (Kind.LETTER, "Resignation letter", "resignation letter|letter of resignation|kundigung.|lettre de demission|"
     "ontslagbrief|carta de renuncia|lettera di dimissioni"),
    (Kind.CONTRACT, "Employment contract", "employment contract|employment agreement|arbeitsvertrag|contrat de travail|"
     "arbeidsovereenkomst|contrato de trabajo|contratto di lavoro|umowa o prace"),
    (Kind.CONTRACT, "Lease", "lease agreement|rental agreement|tenancy agreement|mietvertrag|bail de location|contrat de bail|"
     "huurovereenkomst|huurcontract|contrato de arrendamiento|contratto di locazione|umowa najmu"),
    (Kind.CONTRACT, "License agreement", "license agreement|licence agreement|license and distribution|lizenzvertrag|"
     "contrat de licence|licentieovereenkomst|end user license"),
    (Kind.CONTRACT, "Service agreement", "service agreement|services agreement|statement of work|contractor agreement|"
     "consulting agreement|dienstleistungsvertrag|werkvertrag|contrat de prestation|contrato de servicios|umowa zlecenie"),
    (Kind.CONTRACT, "Contract", "contract.|agreement|~vertrag.|vereinbarung|contrat.|convention entre|overeenkomst|contract.|"
     "contrato|acuerdo|convenio|contratto|umowa|avtal.|terms and conditions|~合同|~协议|~계약서|~契約書"),
    (Kind.MINUTES, "Agenda", "agenda|board meeting agenda|tagesordnung|ordre du jour|orden del dia|ordine del giorno"),
    (Kind.MINUTES, "Transcript", "transcript"),
    (Kind.MINUTES, "Meeting minutes", "minutes.|meeting minutes|minutes of|meeting notes|meeting.|~protokoll.|"
     "sitzungsprotokoll|proces verbal|compte rendu|notulen|acta de|verbale|protokol z|~会议纪要|~회의록|~議事録"),
    (Kind.RESUME, "Curriculum vitae", "curriculum vitae|resume.|cv.|lebenslauf|curriculum|zyciorys|titulo del cv|~简历|~履歷|"
     "~이력서|~履歴書"),
    (Kind.RESUME, "Job application", "job application|cover letter|bewerbung|lettre de motivation|sollicitatiebrief|"
     "carta de presentacion|lettera di presentazione|list motywacyjny"),
    (Kind.CERTIFICATE, "Certificate", "certificate of|certificate.|zertifikat|~bescheinigung.|urkunde|~zeugnis.|certificat.|"
     "attestation|certificaat|diploma|certificado|certificato|attestato|zaswiadczenie|swiadectwo|~证书|~증명서|~証明書"),
    (Kind.REPORT, "Annual report", "annual report|geschaftsbericht|jahresbericht|rapport annuel|jaarverslag|informe anual|"
     "relazione annuale|raport roczny|sprawozdanie roczne|10 k.|~年度报告|~年报"),
    (Kind.REPORT, "Research paper", "abstract|resume une|zusammenfassung.|arxiv|white paper|case study"),
    (Kind.REPORT, "Report", "report.|environmental report|transition report|~bericht.|gutachten|studie.|rapport.|etude.|"
     "verslag|informe|relazione|raport|sprawozdanie|~报告|~보고서|~報告書"),
    (Kind.LETTER, "Memo", "memo.|memorandum|aktennotiz|note de service|circular"),
    (Kind.LETTER, "Letter", "letter.|letter of|musterbrief|brief.|anschreiben|lettre.|carta.|lettera|pismo"),
    (Kind.PRESENTATION, "Presentation", "presentation|slide|slides|~prasentation|presentatie|presentacion|presentazione|"
     "prezentacja|~演示文稿"),
    (Kind.MANUAL, "Data sheet", "data sheet|datasheet|datenblatt|fiche technique|ficha tecnica|scheda tecnica|karta katalogowa"),
    (Kind.MANUAL, "Manual", "manual|handbook|guide.|user guide|configuration guide|~handbuch|~anleitung|~dokumentation|"
     "manuel|mode d emploi|guide d utilisation|handleiding|gebruiksaanwijzing|manual de|guia de|manuale|"
     "istruzioni|instrukcja|~手册|~说明书|~설명서|~取扱説明書"),
    (Kind.FORM, "Application form", "application form|antragsformular|antrag auf|formulaire de demande|aanvraagformulier|"
     "formulario de solicitud|modulo di richiesta|wniosek"),
    (Kind.FORM, "Questionnaire", "questionnaire|survey.|fragebogen|vragenlijst|cuestionario|questionario|kwestionariusz"),
    (Kind.FORM, "Form", "form.|form title|form number|formular|formulaire|formulier|formulario|modulo.|formularz|"
     "registration form|order form|~申请表|~신청서|~申込書"),
    (Kind.SPREADSHEET, "Spreadsheet", "spreadsheet|rate sheet|traffic data|price list|preisliste|liste de prix|"
     "prijslijst|lista de precios|listino prezzi|cennik"),
)  # fmt: skip
