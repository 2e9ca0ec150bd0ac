"""Company names in a line: the capitalised words before a legal form such as GmbH, Ltd or S.A."""

from clasio_backend.analysis.local.party_words import LEGAL_FORMS

_MAX_WORDS = 7
_SHORT_LINE_START = 4
_JOINING_WORDS = "& and und et en y e de del della da do dos des du von van di of + -"
_JOINING = frozenset(_JOINING_WORDS.split())
_BREAKS = (",", ";", ":", ")", "|", "·", "●", "•", "“", "”", '"')
_AFTER_FORM = frozenset(("&", "Co", "KG", "z", "Ltd", "Inc", "LLC"))


def company_names(line: str) -> list[str]:
    """Every name in `line` that ends with a legal form; linear in the line's length."""
    words = line.split()
    found: list[str] = []
    done = 0
    for index in range(len(words)):
        if index < done or not _is_form(words, index):
            continue
        start = _start(words, index, done)
        end = index + 1
        while end < len(words) and words[end].strip(".,;:)") in _AFTER_FORM and not words[end - 1].endswith(_BREAKS):
            end += 1
        if start < index:
            name = " ".join(words[start:end]).lstrip("(*\"'“„").rstrip(",;:)*\"'”“ ")
            found.append(name)
        done = end
    return found


def _is_form(words: list[str], index: int) -> bool:
    return words[index].rstrip("*\"'”,;:()").rstrip(".") in LEGAL_FORMS


def _start(words: list[str], form: int, stop: int) -> int:
    """The first word of the name that ends with the form at `form`."""
    start = form
    # "sp. z o.o.": the form itself has three words.
    if words[form].startswith(("o.o", "O.O")) and form >= 2:
        start = form - 2
    while start > stop and form - start < _MAX_WORDS:
        word = words[start - 1]
        ends_before = word.endswith(_BREAKS) and not (word.endswith(",") and start == form)
        capital = word.lstrip("(*\"'“„")[:1]
        if ends_before or not (capital.isupper() or capital.isdigit() or word in _JOINING):
            break
        start -= 1
        if word[0] in '("“„*':
            break
    # At the start of a line a name may have small words ("Au bon moulin SARL"), a sentence rarely has so few.
    if start == form and form <= _SHORT_LINE_START and words[0][:1].isupper() and not any(map(_breaks, words[:form])):
        start = 0
    while start < form and (words[start] in _JOINING or words[start].isdigit()):
        start += 1
    return start


def _breaks(word: str) -> bool:
    return word.endswith(_BREAKS)
