"""What documents call themselves: names of document types as they stand in titles, and the kind each belongs to.

Folded. A word may go on ("invoice" meets "invoices"); a trailing dot ends it; a leading `~` lets it stand inside a word
(German and Dutch compounds, CJK). More special types stand before the general ones.
"""

from clasio_backend.analysis.kinds import Kind
from clasio_backend.analysis.local.needles import Needles, needles

_TABLE = """
invoice: Credit note
    credit note | credit memo | gutschrift | rechnungskorrektur | avoir. | creditnota | creditfactuur |
    nota de credito | abono. | nota di credito | faktura korygujaca | kreditnota
invoice: Payment reminder
    payment reminder | mahnung | zahlungserinnerung | rappel de paiement | mise en demeure |
    betalingsherinnering | aanmaning | recordatorio de pago | sollecito di pagamento | wezwanie do zaplaty
receipt: Receipt
    payment receipt | sales receipt | order receipt | cash receipt | receipt | quittung | kassenbon |
    kassenbeleg | zahlungsbeleg | recu. | recu de paiement | ticket de caisse | kassabon | betaalbewijs |
    recibo | ricevuta | scontrino | paragon | potwierdzenie platnosci | kvitto | ~收据 | ~收據 | ~영수증 |
    ~領収書 | kassenzettel | bon. | bon nr
invoice: Invoice
    invoice | tax invoice | commercial invoice | ~rechnung. | ~rechnungsnummer | facture | ~factuur | factura. |
    factura n | fattura | faktura | fatura | lasku. | szamla | ~发票 | ~發票 | ~세금계산서 | ~請求書 | bill no
quote: Quote
    quotation | quote. | price quote | cost estimate | estimate | angebot | kostenvoranschlag | devis. |
    offerte | presupuesto | cotizacion | preventivo | oferta | oferta cenowa | orcamento | proposal | ~报价单 |
    ~견적서 | ~見積書
order: Purchase order
    purchase order | order confirmation | sales order | auftragsbestatigung | bestellung | bon de commande |
    confirmation de commande | bestelling | orderbevestiging | orden de compra | pedido | ordine |
    ordine di acquisto | zamowienie | ~采购订单 | ~订单 | ~주문서 | ~発注書 | ~注文書
delivery note: Packing list
    packing list | packing slip | packliste | liste de colisage | paklijst | lista de empaque
delivery note: Delivery note
    delivery note | delivery slip | dispatch note | lieferschein | bon de livraison | pakbon | albaran |
    nota de entrega | documento di trasporto | bolla di consegna | dowod dostawy | ~送货单 | ~납품서 | ~納品書
payslip: Payslip
    payslip | pay slip | pay stub | earnings statement | ~lohnabrechnung | ~gehaltsabrechnung |
    entgeltabrechnung | bulletin de paie | fiche de paie | bulletin de salaire | loonstrook | salarisstrook |
    nomina. | busta paga | pasek wynagrodzen | ~工资单 | ~급여명세서 | ~給与明細
bank statement: Bank statement
    bank statement | account statement | statement of account | kontoauszug | releve de compte |
    releve bancaire | rekeningafschrift | bankafschrift | extracto bancario | extracto de cuenta |
    estratto conto | wyciag bankowy | wyciag z rachunku | ~银行对账单
tax: Tax document
    tax return | tax assessment | wage and tax statement | steuerbescheid | steuererklarung |
    umsatzsteuervoranmeldung | avis d imposition | declaration de revenus | belastingaangifte | aanslag |
    declaracion de la renta | dichiarazione dei redditi | zeznanie podatkowe
insurance: Insurance policy
    insurance policy | insurance certificate | certificate of insurance | ~versicherungsschein |
    versicherungspolice | police d assurance | attestation d assurance | verzekeringspolis | poliza de seguro |
    polizza assicurativa | polisa
contract: Non-disclosure agreement
    non disclosure agreement | mutual nda | nda. | one way nda | confidentiality agreement |
    geheimhaltungsvereinbarung | verschwiegenheitserklarung | accord de confidentialite |
    geheimhoudingsovereenkomst | acuerdo de confidencialidad | accordo di riservatezza |
    umowa o zachowaniu poufnosci
contract: Data processing agreement
    data processing agreement | data processing addendum | auftragsverarbeitungsvertrag |
    verwerkersovereenkomst | accord de traitement des donnees
letter: Offer letter
    offer letter | employment offer | offer of employment
letter: Resignation letter
    resignation letter | letter of resignation | kundigung. | lettre de demission | ontslagbrief |
    carta de renuncia | lettera di dimissioni
contract: Employment contract
    employment contract | employment agreement | arbeitsvertrag | contrat de travail | arbeidsovereenkomst |
    contrato de trabajo | contratto di lavoro | umowa o prace
contract: Lease
    lease agreement | rental agreement | tenancy agreement | mietvertrag | bail de location | contrat de bail |
    huurovereenkomst | huurcontract | contrato de arrendamiento | contratto di locazione | umowa najmu
contract: License agreement
    license agreement | licence agreement | lizenzvertrag | contrat de licence | licentieovereenkomst |
    end user license
contract: Service agreement
    service agreement | services agreement | statement of work | contractor agreement | consulting agreement |
    dienstleistungsvertrag | werkvertrag | contrat de prestation | contrato de servicios | umowa zlecenie
contract: Contract
    contract. | agreement | ~vertrag. | vereinbarung | contrat. | convention entre | overeenkomst | contrato |
    acuerdo | convenio | contratto | umowa | avtal. | terms and conditions | ~合同 | ~协议 | ~계약서 | ~契約書
minutes: Agenda
    agenda | board meeting agenda | tagesordnung | ordre du jour | orden del dia | ordine del giorno
minutes: Transcript
    transcript
minutes: Meeting minutes
    minutes. | meeting minutes | minutes of | meeting notes | meeting. | ~protokoll. | sitzungsprotokoll |
    proces verbal | compte rendu | notulen | acta de | verbale | protokol z | ~会议纪要 | ~회의록 | ~議事録
resume: Curriculum vitae
    curriculum vitae | resume. | cv. | lebenslauf | curriculum | zyciorys | ~简历 | ~履歷 | ~이력서 | ~履歴書
resume: Job application
    job application | cover letter | bewerbung | lettre de motivation | sollicitatiebrief |
    carta de presentacion | lettera di presentazione | list motywacyjny
certificate: Certificate
    certificate of | certificate. | zertifikat | ~bescheinigung. | urkunde | ~zeugnis. | certificat. |
    attestation | certificaat | diploma | certificado | certificato | attestato | zaswiadczenie | swiadectwo |
    ~证书 | ~증명서 | ~証明書
report: Annual report
    annual report | geschaftsbericht | jahresbericht | rapport annuel | jaarverslag | informe anual |
    relazione annuale | raport roczny | sprawozdanie roczne | 10 k. | ~年度报告 | ~年报
report: Research paper
    abstract | zusammenfassung. | arxiv | white paper | case study
report: Report
    report. | ~bericht. | gutachten | studie. | rapport. | etude. | verslag | informe | relazione | raport |
    sprawozdanie | ~报告 | ~보고서 | ~報告書
letter: Memo
    memo. | memorandum | aktennotiz | note de service | circular
letter: Letter
    letter. | letter of | brief. | anschreiben | lettre. | carta. | lettera | pismo
presentation: Presentation
    presentation | slide | slides | ~prasentation | presentatie | presentacion | presentazione | prezentacja |
    ~演示文稿
manual: Data sheet
    data sheet | datasheet | datenblatt | fiche technique | ficha tecnica | scheda tecnica | karta katalogowa
manual: Manual
    manual | handbook | guide. | user guide | configuration guide | ~handbuch | ~anleitung | ~dokumentation |
    manuel | mode d emploi | guide d utilisation | handleiding | gebruiksaanwijzing | manual de | guia de |
    manuale | istruzioni | instrukcja | ~手册 | ~说明书 | ~설명서 | ~取扱説明書
form: Application form
    application form | antragsformular | antrag auf | formulaire de demande | aanvraagformulier |
    formulario de solicitud | modulo di richiesta | wniosek
form: Questionnaire
    questionnaire | survey. | fragebogen | vragenlijst | cuestionario | questionario | kwestionariusz
form: Form
    form. | form number | formular | formulaire | formulier | formulario | modulo. | formularz |
    registration form | order form | ~申请表 | ~신청서 | ~申込書
spreadsheet: Spreadsheet
    spreadsheet | price list | preisliste | liste de prix | prijslijst | lista de precios | listino prezzi |
    cennik | price table | rates. | statistics
"""


def _read(table: str) -> tuple[tuple[Kind, str, Needles], ...]:
    types: list[tuple[Kind, str, Needles]] = []
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            kind, _, label = line.partition(": ")
            types.append((Kind(kind), label, ()))
        else:
            last = types[-1]
            types[-1] = (last[0], last[1], last[2] + needles(line))
    return tuple(types)


TYPES = _read(_TABLE)
