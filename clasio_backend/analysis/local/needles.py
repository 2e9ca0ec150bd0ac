"""The notation of the word tables, turned into plain substrings: the fastest search there is, and safe for any text."""

Needles = tuple[str, ...]


def needles(line: str) -> Needles:
    """Read `word | word. | ~word`: a start of a word, a whole word, and any place in a word of a folded text."""
    found = []
    for part in line.split("|"):
        word = part.strip()
        if word:
            needle = word.removeprefix("~")
            start = "" if word.startswith("~") else " "
            found.append(start + (needle.removesuffix(".") + " " if needle.endswith(".") else needle))
    return tuple(found)
