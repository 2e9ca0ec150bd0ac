"""What people filled into a PDF form: it is drawn over the page, so it is no part of its text."""

import ctypes
from collections.abc import Iterator
from typing import Any

from pypdfium2 import raw

_MAX_FIELDS = 2_000
_MAX_BYTES = 64 * 1024
_WITH_TEXT = frozenset({raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX})


def field_values(document: Any, page: Any) -> Iterator[str]:
    """Values of the text and choice fields of one page, in the page's own order."""
    form = document.formenv
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MAX_FIELDS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            if raw.FPDFAnnot_GetFormFieldType(form, annotation) in _WITH_TEXT:
                value = _value(form, annotation)
                if value:
                    yield value
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _value(form: Any, annotation: Any) -> str:
    length = raw.FPDFAnnot_GetFormFieldValue(form, annotation, None, 0)
    if not 2 < length <= _MAX_BYTES:
        return ""
    buffer = ctypes.create_string_buffer(length)
    cast = ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR))
    raw.FPDFAnnot_GetFormFieldValue(form, annotation, cast, length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace").strip()
