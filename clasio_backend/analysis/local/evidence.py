"""Words in the body of a document that speak for a kind, with their points. Written as in `types.py`."""

from clasio_backend.analysis.kinds import Kind
from clasio_backend.analysis.local.needles import Needles, needles

_TABLE = """
invoice: 2
    invoice number | invoice no | invoice date | bill to | balance due | amount due | rechnungsnummer |
    rechnungsnr | rechnungsdatum | rechnungsbetrag | numero de facture | facture n | date de facture |
    total ttc | net a payer | factuurnummer | factuurdatum | numero de factura | fecha de factura |
    numer faktury | faktura nr | data wystawienia | numero fattura | data fattura | due payable |
    somme a payer | date d echeance | ~发票号码 | ~청구금액
invoice: 1
    subtotal | payment terms | unit price | due date | vat. | tax. | iban | remit | purchase order |
    nettobetrag | umsatzsteuer | mwst | zahlbar | uberweisen | gesamtbetrag | bankverbindung | montant ht |
    tva. | siret | prix unitaire | reglement | btw. | te betalen | klantnummer | vervaldatum | iva. | importe |
    vencimiento | base imponible | nip. | sprzedawca | nabywca | brutto | do zaplaty | imponibile |
    partita iva | scadenza | ust id | kundennummer | billing | quantity
receipt: 2
    payment received | paid by | amount tendered | change due | cash register | kassierer | ruckgeld | geg bar |
    rendu monnaie | paye. | wisselgeld | cambio. | efectivo | resto. | contanti | gotowka |
    thank you for your purchase | payment mode | tip. | server | summe eur | bar. | carte bleue | ticket n |
    total paid | card payment
receipt: 1
    cashier | cash. | visa. | mastercard | terminal | bon nr | kasse | guest | table. | check out | especes |
    carte bancaire | pin. | contant | tarjeta | carta di credito | karta | tarif. | entree | menu. |
    service charge
quote: 2
    quote number | quotation | this quote | valid until | angebotsnummer | freibleibend | gultig bis | devis n |
    validite du devis | offertenummer | validez de la oferta | presupuesto n | preventivo n
quote: 1
    estimate | offer. | proposal | scope of work | bindefrist | bon pour accord
order: 2
    purchase order | po number | order number | order id | buyer | bestellnummer | auftragsnummer |
    numero de commande | ordernummer | numero de pedido | numer zamowienia | sales order
order: 1
    requested delivery | ship to | supplier | lieferadresse | order lines | line id | delivery terms | seller
delivery note: 2
    packing list | delivery note | lieferschein | bon de livraison | pakbon | albaran | number of cartons |
    of cartons | gross weight | tracking number
delivery note: 1
    shipped | carton | weight | ship to | quantity shipped | part number | received by | colis | packstucke
contract: 2
    hereinafter | hereby agree | in witness whereof | governing law | the parties agree | party agrees |
    this agreement | confidential information | indemnif | vertragspartner | der auftragnehmer |
    der auftraggeber | dieser vertrag | vertragsgegenstand | gerichtsstand | les parties | le present contrat |
    il est convenu | de partijen | deze overeenkomst | las partes | el presente contrato | le parti |
    il presente contratto | strony umowy | niniejsza umowa | whereas | ~甲方 | ~乙方 | ~본 계약
contract: 1
    termination | liability | shall. | obligations | effective date | warrant | arbitration | jurisdiction |
    intellectual property | counterpart | licensor | licensee | clause | kundigungsfrist | haftung |
    schlussbestimmungen | salvatorische | resiliation | responsabilite | rescision | foro competente | recesso |
    rozwiazanie | wypowiedzenie
letter: 2
    dear sir | dear madam | dear mr | dear ms | dear mrs | to whom it may concern | yours sincerely |
    yours faithfully | sincerely | sehr geehrte | mit freundlichen grussen | madame monsieur | cher monsieur |
    salutations distinguees | geachte heer | geachte mevrouw | met vriendelijke groet | hoogachtend | estimado |
    estimada | atentamente | egregio | distinti saluti | cordiali saluti | szanowni panstwo | szanowny panie |
    z powazaniem | ~尊敬的 | ~拝啓 | ~敬具 | best regards | kind regards
letter: 1
    dear. | best regards | kind regards | regards. | re. | subject. | betreff | objet. | betreft | asunto |
    oggetto | enclosure | anlage | piece jointe | i am writing | please find | wir bestatigen | hiermit |
    letter
resume: 2
    work experience | professional experience | employment history | available upon request | ausbildung |
    berufserfahrung | formation. | experience professionnelle | competences | werkervaring | opleiding |
    formacion academica | experiencia laboral | experiencia profesional | istruzione | esperienza lavorativa |
    wyksztalcenie | doswiadczenie zawodowe | ~教育背景 | ~工作经历 | ~工作背景 | ~학력 | ~경력 | ~学歴 | ~職歴 |
    thesis | tesis. | curriculum vitae | lebenslauf
resume: 1
    education | experience | skills | objective | references | languages | hobbies | interests | kenntnisse |
    sprachkenntnisse | loisirs | talen. | vaardigheden | idiomas | habilidades | experiencia | competenze |
    umiejetnosci | bachelor | master | university | degree | employer | ~专业 | ~语言 | ~기술
payslip: 2
    gross pay | net pay | pay period | year to date | lohnsteuer | sozialversicherung | auszahlungsbetrag |
    salaire brut | net imposable | brutoloon | nettoloon | salario bruto | liquido a percibir | retribuzione |
    wynagrodzenie brutto
payslip: 1
    deductions | employee number | personalnummer | steuerklasse | cotisations | loonheffing | irpf |
    trattenute
bank statement: 2
    opening balance | closing balance | previous balance | new balance | kontostand | alter saldo |
    neuer saldo | solde | beginsaldo | eindsaldo | saldo inicial | saldo final | saldo iniziale |
    saldo poczatkowe
bank statement: 1
    withdrawal | deposit | transaction | buchung | wertstellung | valuta | virement | overboeking |
    transferencia | bonifico
tax: 2
    wage and tax | tax withheld | taxable income | income tax | internal revenue | einkommensteuer | finanzamt |
    impot sur le revenu | belastingdienst | agencia tributaria | agenzia delle entrate | urzad skarbowy
tax: 1
    tax year | social security | steuernummer | tax return | veranlagung
insurance: 2
    policyholder | policy number | sum insured | insured person | versicherungsnehmer | versicherungsnummer |
    numero de police | polisnummer | numero de poliza | numero polizza | numer polisy
insurance: 1
    premium | coverage | deductible | insurer | beitrag | pramie | assure. | prima.
report: 2
    executive summary | annual report | fiscal year | in this paper | in this study | related work |
    our results | securities and exchange | key findings | methodology | stakeholder | sustainab | keywords |
    abstract | mots cles | resultats | dans cet article | geschaftsjahr | ergebnisse | conclusiones |
    resultados | conclusioni | wnioski | ~摘要 | ~结论 | ~요약 | ~결론 | ~현황 | ~まとめ | net revenue |
    balance sheet | ~서론 | ~背景
report: 1
    figure | analysis | results | conclusion | references | bibliograph | appendix | emissions | revenue |
    growth | introduction | et al | research | data. | approach | fazit | literatur | einleitung | annexe |
    discussion | shareholders | ~분석
minutes: 2
    in attendance | attendees | action items | meeting called to order | meeting adjourned | seconded |
    minutes of | minutes. | next meeting | call to order | approval of minutes | public comment | teilnehmer |
    anwesend | tagesordnung | beschluss | seance | ordre du jour | presences | etaient presents | aanwezig |
    actiepunten | orden del dia | asistentes | ordine del giorno | porzadek obrad | obecni | transcript |
    ~出席 | ~参会 | ~회의 | ~議題
minutes: 1
    agenda | present. | absent | meeting | chair | motion | discuss | quorum | board of | committee | sitzung |
    protokoll | secretaire | conseil | vergadering | reunion | riunione | zebranie | recording
presentation: 2
    slide | next steps | key takeaways | thank you for your attention | any questions |
    vielen dank fur ihre aufmerksamkeit | merci de votre attention | gracias por su atencion | folie
presentation: 1
    overview | roadmap | agenda
form: 2
    please fill | please enter | fill in | fill out | please print | check all that apply | please complete |
    bitte ausfullen | zutreffendes ankreuzen | veuillez remplir | cocher | invullen | aankruisen | rellene |
    marque con | compilare | barrare | wypelnic | zaznacz | form number | choose all that apply | check one |
    office use only | required fields | sign here | tick the box
form: 1
    signature | date of birth | first name | last name | unterschrift | geburtsdatum | nom et prenom |
    handtekening | firma. | podpis | gender | nationality | applicant | antragsteller | form. | zip code |
    control number | check box | submit
manual: 2
    safety instructions | troubleshooting | press the | user manual | owner s manual | getting started |
    installation | inhaltsverzeichnis | bedienung | sicherheitshinweise | mode d emploi | appuyez |
    handleiding | gebruiksaanwijzing | instrucciones | pulse el | premere | istruzioni | nacisnij |
    this handbook | this manual | this guide | technical data | specification | handbook | data sheet |
    operating instructions | quick start | how to use | technical specifications
manual: 1
    step. | configure | configuration | button | maintenance | warning | caution | connect | chapter |
    settings | example | command | procedure | install | note. | schritt | einstellungen | beispiel | code. |
    version | features | switch | operation | must be | konfigur | download | remote | must not
certificate: 2
    this is to certify | hereby certif | hiermit wird bescheinigt | certifie que | certifica que |
    hierbij verklaart | si certifica | zaswiadcza sie | has successfully completed | is awarded
certificate: 1
    accredit | iso 9001 | issued to | certificate number | valid until | auditor
spreadsheet: 1
    q1. | q2. | q3. | q4. | fy. | average | budget | forecast | p a. | per cent
"""


def _read(table: str) -> tuple[tuple[Kind, float, Needles], ...]:
    evidence: list[tuple[Kind, float, Needles]] = []
    for line in table.strip().splitlines():
        if not line.startswith(" "):
            kind, _, points = line.partition(": ")
            evidence.append((Kind(kind), float(points), ()))
        else:
            last = evidence[-1]
            evidence[-1] = (last[0], last[1], last[2] + needles(line))
    return tuple(evidence)


EVIDENCE = _read(_TABLE)
