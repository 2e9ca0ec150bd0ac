"""The whole corpus of real documents through the API of a running instance: outcomes, phrases found, categories right.

    python -m tests.bench.corpus --url http://127.0.0.1:8000 --token clasio_… [--corpus ../shared/corpus]

A kind of the corpus agrees with one category of the default list (KINDS); `scan`, `other` and `odd` say nothing about
what a document is, so they are left out of that count.
"""

import argparse
import csv
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

KINDS = {
    "invoice": "Invoices",
    "receipt": "Receipts",
    "contract": "Contracts",
    "letter": "Letters",
    "resume": "CVs and applications",
    "report": "Reports",
    "presentation": "Presentations",
    "spreadsheet": "Spreadsheets",
    "form": "Forms",
    "minutes": "Meeting minutes",
    "manual": "Manuals",
    "email": "E-mails",
}
FIRST_HITS = 3


def upload(client: httpx.Client, corpus: Path, labels: list[dict[str, str]]) -> dict[str, str]:
    """Document ids by path; prints every refusal with its cause."""
    ids: dict[str, str] = {}
    for label in labels:
        path = corpus / label["path"]
        answer = client.post("/api/v1/documents", files={"file": (path.name, path.read_bytes())})
        if answer.status_code == httpx.codes.CREATED:
            ids[label["path"]] = answer.json()["id"]
        else:
            print(f"refused {answer.status_code} {label['path']}: {answer.json()['detail']}")
    return ids


def wait_until_settled(client: httpx.Client, ids: dict[str, str]) -> dict[str, dict[str, Any]]:
    documents: dict[str, dict[str, Any]] = {}
    while len(documents) < len(ids):
        for path, document_id in ids.items():
            if path not in documents:
                document = client.get(f"/api/v1/documents/{document_id}").json()
                if document["outcome"] != "pending":
                    documents[path] = document
        time.sleep(0.5)
    return documents


def count_phrases(client: httpx.Client, labels: list[dict[str, str]], ids: dict[str, str]) -> None:
    found: Counter[tuple[str, bool]] = Counter()
    for label in labels:
        if not label["expect_phrase"] or label["path"] not in ids:
            continue
        kind = "text layer" if label["has_text_layer"] == "yes" else "text recognition"
        phrase = label["expect_phrase"].replace('"', "")
        hits = client.get("/api/v1/search", params={"q": f'"{phrase}"'}).json()["items"][:FIRST_HITS]
        is_found = ids[label["path"]] in {hit["id"] for hit in hits}
        found[kind, is_found] += 1
        if not is_found:
            print(f"phrase missed: {label['path']}: {phrase}")
    for kind in ("text layer", "text recognition"):
        right, wrong = found[kind, True], found[kind, False]
        print(f"phrases among the first {FIRST_HITS} hits, {kind}: {right} of {right + wrong}")


def count_categories(labels: list[dict[str, str]], documents: dict[str, dict[str, Any]]) -> None:
    judged = [label for label in labels if label["kind"] in KINDS and label["path"] in documents]
    right = [label for label in judged if documents[label["path"]]["category"] == KINDS[label["kind"]]]
    print(f"categories that agree with kind: {len(right)} of {len(judged)} ({100 * len(right) / len(judged):.0f} %)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", default=os.environ.get("CLASIO_TOKEN", ""))
    parser.add_argument("--corpus", type=Path, default=Path(__file__).resolve().parents[3] / "shared" / "corpus")
    wanted = parser.parse_args()
    with (wanted.corpus / "labels.csv").open(encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    client = httpx.Client(base_url=wanted.url, headers={"Authorization": f"Bearer {wanted.token}"}, timeout=60)
    started = time.monotonic()
    ids = upload(client, wanted.corpus, labels)
    print(f"accepted {len(ids)} of {len(labels)} in {time.monotonic() - started:.1f} s")
    documents = wait_until_settled(client, ids)
    print(f"all settled after {time.monotonic() - started:.1f} s")
    print("outcomes:", dict(Counter(document["outcome"] for document in documents.values())))
    for path, document in documents.items():
        if document["outcome"] != "done":
            print(f"{document['outcome']}: {path}: {document['stage_error']['message']}")
    count_phrases(client, labels, ids)
    count_categories(labels, documents)


if __name__ == "__main__":
    main()
