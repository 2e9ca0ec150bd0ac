from contextlib import suppress


def say(sentence: str) -> None:
    """One line for the person at the terminal, who may have closed it."""
    with suppress(OSError):
        print(sentence, flush=True)
