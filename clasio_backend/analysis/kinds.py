"""Kinds of document that Clasio knows by itself, and the words that name them in several languages."""

from enum import StrEnum


class Kind(StrEnum):
    """What a document is; independent of what an organization calls its categories."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    QUOTE = "quote"
    ORDER = "order"
    DELIVERY_NOTE = "delivery note"
    CONTRACT = "contract"
    LETTER = "letter"
    EMAIL = "e-mail"
    RESUME = "resume"
    PAYSLIP = "payslip"
    BANK_STATEMENT = "bank statement"
    TAX = "tax"
    INSURANCE = "insurance"
    REPORT = "report"
    MINUTES = "minutes"
    PRESENTATION = "presentation"
    SPREADSHEET = "spreadsheet"
    FORM = "form"
    MANUAL = "manual"
    CERTIFICATE = "certificate"


# Folded stems: a word of a name may add a short ending ("rechnung" meets "Rechnungen"), and a stem of
# six letters or more may stand inside a compound ("Mietverträge"). The longest stem decides, so that
# "Lohnabrechnung" is a payslip although it holds "rechnung".
KIND_STEMS: dict[Kind, str] = {
    Kind.INVOICE: "invoice billing rechnung facture factura factuur fattur faktur fatura bill credit_note "
    "gutschrift avoir "
    "creditnota creditfactu nota_de_credito nota_di_credito rekening lasku szamla 发票 發票 송장 세금계산서 請求書",
    Kind.RECEIPT: "receipt quittung kassenbon kassenzettel beleg recu bonnetje kassabon ticket recib ricevut scontrin "
    "paragon kvitto kvittering 收据 收據 영수증 領収書",
    Kind.QUOTE: "quote quotation offer estimate angebot kostenvoranschlag devis offerte presupuest cotizacion "
    "preventiv offert ofert orcament wycen proposal 报价 報價 견적 見積",
    Kind.ORDER: "order purchase_order bestellung auftrag commande bestelling opdracht pedid "
    "orden_de_compra ordine ordini "
    "zamowien encomenda bestallning 订单 訂單 주문 発注 注文",
    Kind.DELIVERY_NOTE: "delivery_note packing_list packing_slip delivery dispatch_note lieferschein packlist pakbon "
    "bon_de_livraison albaran nota_de_entrega bolla documento_di_trasporto dowod_dostawy "
    "list_przewozow 送货单 납품서 納品書",
    Kind.CONTRACT: "contract agreement statement_of_work vertrag vereinbarung contrat accord "
    "overeenkomst contrato acuerdo contratt umow avtal kontrakt nda non_disclosure 合同 协议 協議 계약 契約",
    Kind.LETTER: "letter memo correspondence brief schreiben korrespondenz lettre courrier brieven correspondentie "
    "carta correspondencia letter_e letter lettera pismo pism brev 信函 서신 편지 手紙",
    Kind.EMAIL: "email mail correo correo_electronico courriel posta_elettronica poczt 邮件 郵件 이메일 メール",
    Kind.RESUME: "cv resume curriculum lebenslauf bewerbung candidature candidatur application_letter applicant "
    "application sollicitatie solicitud candidato zyciorys podani 简历 履歷 이력서 履歴書",
    Kind.PAYSLIP: "payslip payroll salary wage lohnabrechnung gehaltsabrechnung entgeltabrechnung lohn gehalt "
    "bulletin_de_paie fiche_de_paie salaire paie loonstrook loon salaris nomina salario busta_paga cedolin stipendi "
    "pasek_wynagrodz wynagrodzen 工资 급여 給与",
    Kind.BANK_STATEMENT: "bank statement_of_account account_statement kontoauszug releve_de_compte releve_bancaire "
    "banque rekeningafschrift bankafschrift extracto_bancari banco estratto_conto banca "
    "wyciag_bankow wyciag 银行 은행 銀行",
    Kind.TAX: "tax vat steuer finanzamt impot fiscal belasting btw impuesto hacienda impost tasse fisco "
    "podatk podatek imposto 税 세금",
    Kind.INSURANCE: "insurance policy versicherung assurance verzekering polis poliza seguro assicurazion polizz "
    "ubezpieczen polis 保险 保險 보험 保険",
    Kind.REPORT: "report study analysis paper bericht gutachten studie rapport etude verslag informe estudio relazion "
    "rapporto raport sprawozdan relatori 报告 報告 보고서",
    Kind.MINUTES: "minute meeting meeting_note protokoll sitzung besprechung proces_verbal reunion compte_rendu notul "
    "vergadering acta actas reunion verbal riunion protokol spotkan 会议 會議 회의록 議事録",
    Kind.PRESENTATION: "presentation slide deck praesentation prasentation folie presentatie presentacion diapositiv "
    "presentazion prezentacj apresentac 演示 發表 발표 プレゼン",
    Kind.SPREADSHEET: "spreadsheet table tabelle kalkulation tableur tableau data_file feuille_de_calcul rekenblad "
    "spreadsheets hoja_de_calculo tabla foglio_di_calcol tabell arkusz planilha 表格 스프레드시트 表計算",
    Kind.FORM: "form questionnaire formular antrag fragebogen formulaire formulier vragenlijst formulari cuestionario "
    "modulo moduli questionari formularz wniosek blankett 表单 申请表 양식 신청서 申込書",
    Kind.MANUAL: "manual guide handbook instruction documentation data_sheet handbuch anleitung bedienungsanleitung "
    "dokumentation manuel mode_d_emploi notice_d_utilisation handleiding gebruiksaanwijzing "
    "instruccion guia manual istruzion "
    "instrukcj podrecznik 手册 手冊 说明书 매뉴얼 설명서 取扱説明書",
    Kind.CERTIFICATE: "certificate certification diploma licence license permit zertifikat "
    "bescheinigung urkunde zeugnis "
    "nachweis certificat attestation certificaat bewijs getuigschrift certificado diplom attestat certificat swiadectw "
    "zaswiadczen 证书 證書 증명서 証明書",
}
