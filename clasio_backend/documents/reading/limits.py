"""What one file may cost. Every number is a promise to the worker that reads it."""

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one child process; sizes in the units of their names."""

    memory_mb: int = 448  # address space of the parser; tesseract runs beside it within `ocr_memory_mb`
    ocr_memory_mb: int = 250  # tesseract takes up to 150 with four languages; both together stay under 700
    cpu_seconds: int = 60
    wall_seconds: float = 300.0
    max_chars: int = 2_000_000
    max_pages: int = 3_000
    ocr_pages: int = 50
    ocr_page_seconds: float = 60.0
    ocr_seconds: float = 240.0  # in all; pages after that are left out and the text is marked as truncated
    ocr_languages: tuple[str, ...] = ("eng", "deu", "fra", "nld", "spa", "ita", "por", "pol")
    image_pixels: int = 100_000_000
    render_bytes: int = 16 * MB


DEFAULT = Limits()
