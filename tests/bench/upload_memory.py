"""Peak memory of the web process while one 50 MB file is uploaded, over what it needs when idle.

python -m tests.bench.upload_memory --url http://127.0.0.1:8000 --token clasio_… --pid <pid of the web process>
"""

import argparse
import os
import threading
import time

import httpx
import psutil

MEGABYTE = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--token", default=os.environ.get("CLASIO_TOKEN", ""))
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    client = httpx.Client(base_url=wanted.url, headers={"Authorization": f"Bearer {wanted.token}"}, timeout=120)
    client.post("/api/v1/documents", files={"file": ("warm.txt", os.urandom(20).hex().encode())}).raise_for_status()
    process = psutil.Process(wanted.pid)
    print(f"cores: {os.cpu_count()}")
    for run in range(wanted.runs):
        content = f"run {run} {os.urandom(8).hex()}\n".encode() + b"a line of text in a large file\n" * 1_600_000
        content = content[: 50 * MEGABYTE]
        idle = process.memory_info().rss
        peak, done = [idle], threading.Event()

        def look(peak: list[int] = peak, done: threading.Event = done) -> None:
            while not done.wait(0.005):
                peak[0] = max(peak[0], process.memory_info().rss)

        thread = threading.Thread(target=look)
        thread.start()
        started = time.perf_counter()
        answer = client.post("/api/v1/documents", files={"file": (f"large {run}.txt", content)})
        done.set()
        thread.join()
        answer.raise_for_status()
        print(
            f"{len(content) / MEGABYTE:.0f} MB uploaded in {time.perf_counter() - started:.2f} s: "
            f"idle {idle // MEGABYTE} MB, peak {peak[0] // MEGABYTE} MB, {(peak[0] - idle) // MEGABYTE} MB over"
        )


if __name__ == "__main__":
    main()
