"""What the demo company writes and receives. Names, addresses and numbers are invented."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

COMPANY = "Larkfield Joinery Ltd"
CUSTOMERS = (
    "Bramble & Finch Cafe",
    "Hollins Primary School",
    "Marlow Dental Practice",
    "Quayside Hotel Group",
    "Northgate Property Ltd",
    "Ferris Interiors",
)
SUPPLIERS = (
    "Oakmere Timber GmbH",
    "Brightline Hardware Ltd",
    "Tamber Coatings B.V.",
    "Volt & Vane Energy",
    "Pellucid Glass SARL",
    "Kestrel Fleet Leasing",
)
GOODS = (
    ("European oak boards, 27 mm", 41800),
    ("Birch plywood, 18 mm", 6450),
    ("Soft-close hinges, box of 50", 8920),
    ("Water-based varnish, 10 l", 11290),
    ("Tempered glass shelf", 3875),
    ("Wall brackets, steel", 1240),
    ("Delivery and unloading", 9500),
)
PEOPLE = ("Ada Larkfield", "Ben Osei", "Carla Mendes", "Dev Patel", "Erin Walsh")


@dataclass(frozen=True, slots=True)
class Draft:
    """A document before it becomes a file: `lines` are its text, `kind` its file's ending."""

    name: str
    kind: str
    lines: tuple[str, ...]


def money(cents: int, currency: str = "GBP") -> str:
    return f"{cents / 100:,.2f} {currency}"


def invoice(chance: random.Random, number: int, issued: date, *, incoming: bool) -> Draft:
    other = chance.choice(SUPPLIERS if incoming else CUSTOMERS)
    seller, buyer = (other, COMPANY) if incoming else (COMPANY, other)
    picked = [(good, price, chance.randint(1, 8)) for good, price in chance.sample(GOODS, 3)]
    net = sum(price * count for _, price, count in picked)
    vat = net // 5
    lines = (
        seller,
        "",
        "INVOICE",
        f"Invoice number: {number}",
        f"Invoice date: {issued:%d %B %Y}",
        f"Due date: {issued + timedelta(days=30):%d %B %Y}",
        f"Bill to: {buyer}",
        "",
        "Description / quantity / unit price / amount",
        *(f"{good}   {count} x {money(price)}   {money(price * count)}" for good, price, count in picked),
        "",
        f"Net amount: {money(net)}",
        f"VAT 20 %: {money(vat)}",
        f"Total amount due: {money(net + vat)}",
        "",
        "Payment by bank transfer within 30 days. Thank you for your business.",
    )
    return Draft(f"Invoice {number} {other}", "pdf", lines)


def contract(chance: random.Random, start: date) -> Draft:
    other = chance.choice(CUSTOMERS)
    subject = chance.choice(("fitted shelving", "a reception counter", "window restoration", "kitchen cabinets"))
    lines = (
        "Services agreement",
        f"This agreement is made on {start:%d %B %Y} between {COMPANY} (the contractor) and {other} (the client).",
        f"1. Scope. The contractor designs, builds and installs {subject} at the client's premises.",
        (
            f"2. Term. Work starts on {start + timedelta(days=14):%d %B %Y} and ends no later than "
            f"{start + timedelta(days=90):%d %B %Y}."
        ),
        f"3. Price. The client pays {money(chance.randint(300, 2400) * 1000)} in three instalments.",
        "4. Warranty. The contractor repairs defects in workmanship free of charge for 24 months.",
        "5. Confidentiality. Each party keeps the other's business information confidential.",
        "6. Termination. Either party may terminate this agreement with 30 days' written notice.",
        "7. Governing law. This agreement is governed by the laws of England and Wales.",
        "Signed by the authorised representatives of both parties.",
    )
    return Draft(f"Agreement {other} {subject}", "docx", lines)


def minutes(chance: random.Random, day: date) -> Draft:
    present = chance.sample(PEOPLE, 3)
    lines = (
        f"Minutes of the weekly workshop meeting, {day:%d %B %Y}",
        f"Present: {', '.join(present)}",
        "Agenda: orders in hand, machine maintenance, safety, any other business.",
        f"Orders: the {chance.choice(CUSTOMERS)} job is on schedule; sanding is finished on Thursday.",
        "Maintenance: the panel saw needs a new blade. Action: Dev orders two, one as a spare.",
        "Safety: the extraction filter was changed; next check in three months.",
        f"Decision: {present[0]} asks for two quotes for a second spray booth.",
        f"Next meeting: {day + timedelta(days=7):%d %B %Y}, 08:30.",
    )
    return Draft(f"Workshop meeting {day:%Y-%m-%d}", "md", lines)


def letter(chance: random.Random, day: date) -> Draft:
    other = chance.choice(CUSTOMERS)
    lines = (
        COMPANY,
        "Unit 4, Sawpit Lane, Larkfield",
        f"{day:%d %B %Y}",
        f"Dear {other} team,",
        (
            "Thank you for showing us round the site last week. We are pleased to confirm our visit for the final "
            "measurements, and we will bring the veneer samples that you asked for."
        ),
        "The work takes four days. We will protect the floor, and we clear up every evening.",
        "If another week suits you better, call the workshop before Friday.",
        "Yours sincerely,",
        "Ada Larkfield",
    )
    return Draft(f"Letter to {other} {day:%Y-%m-%d}", "docx", lines)


def mail(chance: random.Random, day: date) -> Draft:
    sender = chance.choice(SUPPLIERS)
    lines = (
        f"From: Orders <orders@{sender.split()[0].lower()}.example>",
        "To: workshop@larkfield.example",
        f"Date: {day:%a, %d %b %Y} 09:14:00 +0000",
        f"Subject: Your order with {sender} was shipped",
        "Content-Type: text/plain; charset=utf-8",
        "",
        f"Hello, the goods you ordered left our warehouse on {day:%d %B %Y}.",
        "The driver calls one hour before arrival. Check the boards for damage before you sign.",
        f"Kind regards, {sender}",
    )
    return Draft(f"Order shipped {sender}", "eml", lines)


def report(chance: random.Random, quarter_end: date) -> Draft:
    lines = (
        f"Quarterly report to {quarter_end:%B %Y}",
        "Summary",
        f"Turnover was {money(chance.randint(9000, 14000) * 1000)}, {chance.randint(2, 9)} % above the quarter before.",
        "Order book",
        f"We hold orders for {chance.randint(6, 11)} weeks. Two hotel projects make up a third of them.",
        "Costs",
        "Timber prices rose by 4 %; energy fell after the new extraction controls were fitted.",
        "Outlook",
        "We plan to take on one apprentice, and to replace the delivery van in spring.",
    )
    return Draft(f"Quarterly report {quarter_end:%Y-%m}", "pdf", lines)


def manual() -> Draft:
    lines = (
        "Panel saw PS-300: user manual",
        "Safety instructions. Read this manual before you switch the machine on. Wear ear and eye protection.",
        "1. Set-up. Level the machine, connect extraction, check the riving knife.",
        "2. Operation. Press the green button and wait until the blade runs at full speed. Feed the panel evenly.",
        "3. Changing the blade. Disconnect the machine from the mains. Loosen the arbor nut with the key supplied.",
        "4. Maintenance. Clean the rails weekly. Do not use oil: dust sticks to it.",
        "5. Troubleshooting. If the blade burns the edge, it is blunt or set out of line.",
    )
    return Draft("Panel saw PS-300 manual", "pdf", lines)


def application(chance: random.Random) -> Draft:
    person = chance.choice(("Farah Idris", "Glen Morrow", "Hana Sato", "Ivo Brandt"))
    lines = (
        f"Curriculum vitae: {person}",
        "Profile: cabinet maker with eight years of bench experience.",
        "Work experience: 2019 to 2026 bench joiner, Harrow & Reed; 2016 to 2019 apprentice, Cooper Stairs.",
        "Education: NVQ level 3 in bench joinery, with distinction.",
        "Skills: hand-cut joints, CNC programming, French polishing, site measuring.",
        "Languages: English, German. References on request.",
    )
    return Draft(f"CV {person}", "docx", lines)


def price_list(chance: random.Random, year: int) -> Draft:
    rows = tuple(f"{good},{price * (1 + chance.random() / 20) / 100:.2f},GBP" for good, price in GOODS)
    return Draft(f"Price list {year}", "csv", ("Item,Unit price,Currency", *(row.replace(", ", " ") for row in rows)))


def timesheet(chance: random.Random, month: date) -> Draft:
    rows = tuple(f"{person}|{chance.randint(140, 172)}|{chance.randint(0, 12)}" for person in PEOPLE)
    return Draft(f"Hours {month:%Y-%m}", "xlsx", ("Name|Hours|Overtime", *rows))


def pitch() -> Draft:
    lines = (
        "Joinery that lasts: what we offer to hotels",
        "Who we are: twelve people, one workshop, thirty years",
        "What we build: counters, wardrobes, panelling, doors",
        "How we work: measure, draw, build, fit, look after",
        "Next step: a visit, a drawing and a fixed price within ten days",
    )
    return Draft("Presentation for hotels", "pptx", lines)
