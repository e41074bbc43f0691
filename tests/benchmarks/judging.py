"""`provscan judge` over stored records: how many a second, and whether memory is flat.

The records are those of the fixtures' delivery, repeated as episodes with their own roots and contents, so that
evidence, findings and timelines are in them. *Flagged* repeats it as it is, where most files carry a marker;
*mixed* takes what passes twenty times as often, as a season is. Each run is a process of its own.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

from scanner.config import Config
from scanner.pipeline import Output, rejudge, run_scan
from scanner.reports.console import ConsoleReport
from tests.benchmarks.table import table

__all__ = ["judged", "season"]

MANY = 100_000
_OFTEN = 20


def judged(delivery: Path, work: Path) -> Iterator[str]:
    """Rates and peaks of a tenth of a season and of all of it, beside what plain JSON takes for the same lines."""
    scanned, rows = work / "scanned", []
    run_scan([delivery], Config(cache=str(work / "cache")), Output(folder=scanned, formats=("jsonl",))).closing.close()
    asked = (
        ("mixed", MANY // 10, "same"),
        ("mixed", MANY, "same"),
        ("mixed", MANY, "other"),
        ("flagged", MANY, "same"),
    )
    for mix, records, rules in asked:
        stored = season(scanned, work / "season", records, often=_OFTEN if mix == "mixed" else 1)
        told = _in_a_process(stored, work / "judged", rules)
        rates = (records / told[name] for name in ("cpu", "console", "plain"))
        rows.append(
            (
                f"{records:,}",
                f"{told['bytes'] / records:,.0f}",
                mix,
                rules,
                *(f"{rate:,.0f}" for rate in rates),
                f"{told['cpu'] / told['plain']:.1f}",
                f"{told['peak'] / 1e6:.0f}",
            )
        )
    heads = ("records", "bytes each", "mix", "rules", "judged a core second", "and told on the console",
             "json.loads alone", "times it", "peak MB")  # fmt: skip
    yield table(heads, rows)


def season(scanned: Path, folder: Path, records: int, often: int) -> Path:
    """So many records beside a summary that declares them; what passes `often` times as often as in the run that they
    come from."""
    folder.mkdir(exist_ok=True)
    scan = [json.loads(line) for line in (scanned / "records.jsonl").read_text("utf-8").splitlines()]
    path, digest, outcomes = folder / "records.jsonl", hashlib.sha256(), Counter[str]()
    with path.open("w", encoding="utf-8") as lines:
        for record in islice(_episodes(scan, often), records):
            line = json.dumps(record, separators=(",", ":")) + "\n"
            digest.update(line.encode())
            outcomes[record["verdict"]["outcome"]] += 1
            lines.write(line)
    summary = json.loads((scanned / "summary.json").read_text("utf-8"))
    summary["records"] = {"count": records, "sha256": digest.hexdigest()}
    summary["assets"] = {**summary["assets"], "found": records, "written": records}
    summary["outcomes"] = {outcome: outcomes[outcome] for outcome in summary["outcomes"]}
    (folder / "summary.json").write_text(json.dumps(summary), "utf-8")
    return path


def _episodes(told: list[dict[str, Any]], often: int) -> Iterator[dict[str, Any]]:
    for episode in count(1):
        for record in told:
            if episode % often and record["verdict"]["outcome"] != "pass":
                continue
            asset = {**record["asset"], "root": f"EP{episode:05}"}
            if digest := asset["digest"]:
                asset["digest"] = {**digest, "value": f"{episode:08x}{digest['value'][8:]}"}
            yield {**record, "asset": asset}


def _in_a_process(records: Path, out: Path, rules: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.judging", str(records), str(out), rules]
    told: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return told


def _measure(records: Path, out: Path, rules: str) -> dict[str, float]:
    """Processor time of judging, with and without the console's report, and of parsing the same lines once.

    `other` rules find everything anew.
    """
    config = Config()
    if rules == "other":
        more = out.with_suffix(".toml")
        more.write_text(_RULE, "utf-8")
        config = Config(rules=(str(more),))
    began = time.process_time()
    with rejudge(records, config, Output(folder=out, formats=("jsonl",))) as run:
        cpu = time.process_time() - began
        deque(ConsoleReport().render(run.summary, run.records), maxlen=0)
        console = time.process_time() - began
    peak = _peak()
    plain = time.process_time()
    with records.open(encoding="utf-8") as lines:
        for line in lines:
            json.loads(line)
    return {
        "cpu": cpu,
        "console": console,
        "peak": float(peak),
        "plain": time.process_time() - plain,
        "bytes": float(records.stat().st_size),
    }


def _peak() -> int:
    """Bytes that this process held at most. Not `ru_maxrss` on Linux: that begins with what its parent held."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


_RULE = """
[[name]]
tool = "a tool that no file names"
agent = "^a tool that no file names$"
"""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_measure(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
