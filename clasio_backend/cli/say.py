"""What `clasio` tells the person at the terminal."""

import sys
from contextlib import suppress


def say(sentence: str) -> None:
    """One line for the person at the terminal, who may have closed it.

    The line and its end go out together: `print` writes them one after the other when Python does not buffer, and what
    another of our processes logs at that moment would stick to the set-up link.
    """
    with suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
