"""What a new organization starts with."""

DEFAULT_CATEGORIES: tuple[str, ...] = (
    "Invoices",
    "Receipts",
    "Quotes and orders",
    "Delivery notes",
    "Contracts",
    "Letters",
    "E-mails",
    "CVs and applications",
    "Payslips",
    "Bank statements",
    "Tax",
    "Insurance",
    "Reports",
    "Meeting minutes",
    "Presentations",
    "Spreadsheets",
    "Forms",
    "Manuals",
    "Certificates",
)
