"""Documents made on the spot: honest ones of each format, and hostile ones."""

import io
import struct
import zipfile
import zlib
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path

import docx
import openpyxl
import pptx
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


@lru_cache
def _deflated_twice(unpacked_mb: int) -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1024 * 1024) for _ in range(unpacked_mb)) + packer.flush()
    return zlib.compress(packed, 9)


class Made:
    """Each method writes one file and returns its path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def raw(self, name: str, content: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def zip(self, name: str, members: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> Path:
        path = self.folder / name
        with zipfile.ZipFile(path, "w", compression) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return path

    def pdf(self, *pages: str, name: str = "made.pdf") -> Path:
        path = self.folder / name
        canvas = Canvas(str(path), pagesize=A4)
        for page in pages:
            for number, line in enumerate(page.split("\n")):
                canvas.drawString(72, 770 - 14 * number, line)
            canvas.showPage()
        canvas.save()
        return path

    def encrypted_pdf(self, *, user_password: str) -> Path:
        writer = PdfWriter(PdfReader(self.pdf("Nobody may read this", name="open.pdf")))
        writer.encrypt(user_password, owner_password="owner", algorithm="RC4-128")
        path = self.folder / "encrypted.pdf"
        writer.write(path)
        return path

    def pdf_objects(self, *objects: bytes, name: str = "made-by-hand.pdf") -> Path:
        """Objects 1, 2, … of a PDF; the first is the catalog."""
        body = b"%PDF-1.7\n"
        offsets = []
        for number, content in enumerate(objects, 1):
            offsets.append(len(body))
            body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
        table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        count = len(objects) + 1
        trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (count, len(body))
        return self.raw(name, body + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer)

    def pdf_bomb(self, unpacked_mb: int = 400) -> Path:
        """A content stream deflated twice: a kilobyte or two that unpacks to hundreds of megabytes."""
        stream = _deflated_twice(unpacked_mb)
        content = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(stream), stream)
        return self.pdf_objects(
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
            content,
            name="bomb.pdf",
        )

    def docx(self, name: str = "made.docx") -> Path:
        document = docx.Document()
        document.sections[0].header.paragraphs[0].text = "Running header"
        document.sections[0].footer.paragraphs[0].text = "Running footer"
        document.add_heading("Service agreement", 1)
        document.add_paragraph("Between Zoë and Łukasz.")
        table = document.add_table(rows=2, cols=2)
        for row, cells in enumerate((("Item", "Price"), ("Repair", "12,50 €"))):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        path = self.folder / name
        document.save(str(path))
        return path

    def docx_of(self, body: str, name: str = "made-by-hand.docx", *, stored: bool = False) -> Path:
        method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
        return self.zip(name, {"[Content_Types].xml": TYPES, "word/document.xml": body}, method)

    def slow_docx(self, megabytes: int = 30) -> Path:
        """Half a minute of honest-looking XML events with no text in them."""
        body = f"<w:document {W}><w:body>" + "<w:r/>" * (megabytes * 1024 * 1024 // 6) + "</w:body></w:document>"
        return self.docx_of(body, "slow.docx", stored=True)

    def xlsx(self) -> Path:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Ducks"
        sheet.append(["Year", "Count", "Weight"])
        sheet.append([2024, 42, 1.5])
        book.create_sheet("Second").append(["Saltwater"])
        path = self.folder / "made.xlsx"
        book.save(path)
        return path

    def pptx(self) -> Path:
        show = pptx.Presentation()
        for number in (1, 2):
            slide = show.slides.add_slide(show.slide_layouts[1])
            slide.shapes.title.text = f"Slide number {number}"
            slide.placeholders[1].text = "Content here"
        slide.notes_slide.notes_text_frame.text = "Say this aloud"
        path = self.folder / "made.pptx"
        show.save(str(path))
        return path

    def odt_of(self, text: str, *, manifest: str = "<manifest/>", name: str = "made.odt") -> Path:
        content = (
            '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
            ' xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
            f' xmlns:tb="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><o:body>{text}</o:body></o:document-content>'
        )
        members: dict[str, bytes | str] = {"mimetype": "application/vnd.oasis.opendocument.text"}
        return self.zip(name, members | {"content.xml": content, "META-INF/manifest.xml": manifest}, zipfile.ZIP_STORED)

    def eml(self) -> Path:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Größe der Lieferung"
        message.set_content("The plain words.\n")
        message.add_alternative("<p>The <b>html</b> words.</p>", subtype="html")
        message.add_attachment("Text of the attachment", filename="note.txt")
        message.add_attachment(b"\x00\x01", maintype="application", subtype="pdf", filename="Rechnung 5.pdf")
        return self.raw("made.eml", message.as_bytes())

    def picture(self, *lines: str, name: str = "made.png", turned: int = 0) -> Path:
        image = Image.new("RGB", (1000, 400), "white")
        draw = ImageDraw.Draw(image)
        font = ImageFont.load_default(40)
        for number, line in enumerate(lines):
            draw.text((40, 40 + 70 * number), line, "black", font)
        path = self.folder / name
        image.rotate(turned, expand=True).save(path)
        return path

    def scanned_pdf(self, *, with_text_page: bool = False) -> Path:
        path = self.folder / "scanned.pdf"
        canvas = Canvas(str(path), pagesize=A4)
        if with_text_page:
            canvas.drawString(72, 700, "This page has a text layer of its own")
            canvas.showPage()
        canvas.drawImage(str(self.picture("Scanned delivery note", "Number 4711")), 50, 400, 500, 200)
        canvas.showPage()
        canvas.save()
        return path

    def enormous_png(self, side: int = 30_000) -> Path:
        """A hundred kilobytes that claim nine hundred million pixels."""

        def chunk(kind: bytes, data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        packer = zlib.compressobj(9)
        row = b"\x00" * (1 + (side + 7) // 8)
        pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
        head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
        parts = chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
        return self.raw("enormous.png", b"\x89PNG\r\n\x1a\n" + parts)

    def directory_of(self, members: int) -> Path:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for number in range(members):
                archive.writestr(f"word/{number}.xml", "")
        return self.raw("crowded.docx", buffer.getvalue())
