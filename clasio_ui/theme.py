"""Tokens of the design."""


def stylesheet() -> str:
    return ""
