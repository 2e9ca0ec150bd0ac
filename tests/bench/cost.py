"""What safety costs, on this machine, in one run: from upload to searchable, a page's picture, a sign-in.

    python -m tests.bench.cost [--corpus ../shared/corpus] [--number 30]

It starts a Clasio of its own twice, with the virus scanner (a real clamd with a tiny database) and without. Encryption
and the reading sandbox cannot be switched off, so what they take is measured beside, by themselves. Run it when the
machine has nothing else to do: it prints the load that it found.
"""

import argparse
import csv
import itertools
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pyotp

from clasio_backend.core.ids import new_id
from clasio_backend.documents.file_types import detect
from clasio_backend.documents.reading import measure_file, read_file, shut_down, warm_up
from clasio_backend.integrations.storage.sealing import Key, new_secret, opened, sealed
from tests.bench.figures import Figures, figures, seconds_of
from tests.bench.page_images import make_pages, store_and_wait
from tests.bench.throughput import upload
from tests.running import OWNER, PASSWORD, RunningClasio
from tests.scanning import RealClamd

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
KINDS = {
    "text": (".txt", ".md", ".csv", ".html", ".eml"),
    "PDF": (".pdf",),
    "office": (".docx", ".xlsx", ".pptx", ".odt"),
}
SEARCHABLE = {"searchable", "analysed"}
MOST_BYTES = 500_000
MOST_PAGES = 5
READ_SECONDS = 60.0
IDLE_SECONDS = 0.4
"""Lets analysis and first pages end: the next one finds the machine idle."""
AIMS_MS = {"searchable": 2_000, "first page": 300}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--number", type=int, default=30, help="of each measurement")
    wanted = parser.parse_args()
    files = {kind: small_files(wanted.corpus, endings) for kind, endings in KINDS.items()}
    print(f"cores: {os.cpu_count()}, load: {os.getloadavg()[0]:.1f}, n={wanted.number} of each")
    clamd = RealClamd()
    clamd.start()
    try:
        for scanner, environment in (("on", {"SCANNER": "clamd", "CLAMD_URL": clamd.url}), ("off", {})):
            with running(environment) as clasio:
                print(f"\nvirus scanner {scanner}, sandbox and encryption on")
                with clasio.client() as client:
                    for kind, paths in files.items():
                        report(f"upload → searchable, {kind}", searchable(client, paths, wanted.number), "searchable")
                    if scanner == "on":
                        pictures(client, wanted.number)
                if scanner == "on":
                    sign_ins(clasio, wanted.number)
    finally:
        clamd.remove()
    print("\nby themselves, for one file")
    for kind, paths in files.items():
        alone(kind, paths, wanted.number)


def small_files(corpus: Path, endings: tuple[str, ...]) -> list[Path]:
    """Documents as people have them: with text, not many pages, not large."""
    with (corpus / "labels.csv").open(encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    found = [
        corpus / label["path"]
        for label in labels
        if label["path"].endswith(endings)
        and label["has_text_layer"] == "yes"
        and int(label["pages"] or 1) <= MOST_PAGES
        and (corpus / label["path"]).stat().st_size <= MOST_BYTES
    ]
    random.Random(1).shuffle(found)
    return found


@contextmanager
def running(environment: dict[str, str]) -> Iterator[RunningClasio]:
    with TemporaryDirectory(prefix="clasio-cost-") as room:
        clasio = RunningClasio(Path(room), environment=environment)
        clasio.start()
        try:
            clasio.set_up()
            yield clasio
        except BaseException:
            print(*(line for line in clasio.lines if '"ERROR"' in line or '"WARNING"' in line), sep="\n")
            raise
        finally:
            clasio.stop()


def report(what: str, found: Figures, aim: str = "") -> None:
    note = f"  (aim: median under {AIMS_MS[aim]:,} ms)" if aim in AIMS_MS else ""
    print(f"  {what:34} {found}{note}")


def searchable(client: httpx.Client, paths: list[Path], number: int) -> Figures:
    """From the first byte sent to the answer that says that the text is indexed."""
    client.params = client.params.set("duplicates", "keep")
    seconds = []
    for path in itertools.islice(itertools.cycle(paths), number):
        content = path.read_bytes()
        seconds.append(seconds_of(lambda name=path.name, content=content: _made_searchable(client, name, content)))
        time.sleep(IDLE_SECONDS)
    return figures(seconds)


def _made_searchable(client: httpx.Client, name: str, content: bytes) -> None:
    path = f"/api/v1/documents/{upload(client, name, content)['id']}/state"
    until = time.monotonic() + READ_SECONDS
    while (state := client.get(path).raise_for_status().json())["stage"] not in SEARCHABLE:
        if state["outcome"] != "pending" or time.monotonic() > until:
            raise SystemExit(f"{name} is not read: {state}")
        time.sleep(0.005)


def pictures(client: httpx.Client, number: int) -> None:
    with TemporaryDirectory() as room:
        path = store_and_wait(client, make_pages(Path(room), number + 3))
    numbers = range(4, number + 4)  # the first three are drawn ahead
    for what, aim in (("page image, first", "first page"), ("page image, kept", "")):
        report(
            what, figures([seconds_of(lambda n=n: client.get(f"{path}/{n}").raise_for_status()) for n in numbers]), aim
        )


def sign_ins(clasio: RunningClasio, number: int) -> None:
    """Through the form, as browsers do; the second factor is the owner's own, and its codes are accepted again."""
    with clasio.browser() as browser:
        form = {"email": OWNER, "password": PASSWORD}

        def by_password() -> None:
            _expect(browser.post("/auth/sign-in", data=form), httpx.codes.SEE_OTHER)

        report("sign-in, password", figures([seconds_of(by_password) for _ in range(number)]))
        secret = _turn_on(browser)

        def with_code() -> None:
            _expect(browser.post("/auth/sign-in", data=form), httpx.codes.SEE_OTHER)
            code = pyotp.TOTP(secret).now()
            _expect(browser.post("/auth/sign-in/code", data={"code": code}), httpx.codes.SEE_OTHER)

        report("sign-in, password and code", figures(_each_anew(clasio, with_code, number)))


def _each_anew(clasio: RunningClasio, action: Callable[[], None], number: int) -> Iterator[float]:
    for _ in range(number):
        clasio.sql("UPDATE second_factors SET last_step = NULL", [])  # else each code would have to be waited for
        yield seconds_of(action)


def _turn_on(browser: httpx.Client) -> str:
    begun = browser.post("/api/v1/second-factor/set-up", json={"password": PASSWORD}).raise_for_status().json()
    code = pyotp.TOTP(begun["secret"]).now()
    browser.post("/api/v1/second-factor/confirm", json={"code": code}).raise_for_status()
    return str(begun["secret"])


def _expect(answer: httpx.Response, status: int) -> None:
    if answer.status_code != status or "error" in answer.headers.get("location", ""):
        raise SystemExit(
            f"{answer.request.url.path} answered {answer.status_code} {answer.headers.get('location', '')}"
        )


def alone(kind: str, paths: list[Path], number: int) -> None:
    """The parts that cannot be switched off."""
    warm_up()
    chosen = list(itertools.islice(itertools.cycle(paths), number))
    types = {path: detect(path, path.name).mime_type for path in chosen}
    key = Key(new_id(), new_secret())

    def encrypt_and_decrypt(path: Path) -> None:
        stored = list(sealed(iter([path.read_bytes()]), key, "place"))
        for _ in opened(stored, lambda _: key.secret, "place"):
            pass

    report(
        f"{kind}, encrypted and decrypted", figures([seconds_of(lambda p=p: encrypt_and_decrypt(p)) for p in chosen])
    )
    report(
        f"{kind}, measured for the scanner",
        figures([seconds_of(lambda p=p: measure_file(p, types[p])) for p in chosen]),
    )
    report(f"{kind}, read in the sandbox", figures([seconds_of(lambda p=p: read_file(p, types[p])) for p in chosen]))
    shut_down()


if __name__ == "__main__":
    main()
