"""The pass over a run's examinations before judging: all that one asset decides about others is noted in it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from scanner.config import Config
from scanner.examinations import Examinations, Noting, read_once
from scanner.examine.inspection import inspect
from scanner.examine.store import Store
from scanner.judge.conclude import Judgement, Relations
from scanner.progress import Progress
from scanner.recognise.recognise import ContentNotes, Recognition, recognise
from scanner.recognise.references import ReferenceChoice
from scanner.whole_content import Signed

__all__ = ["RunSurvey", "survey_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSurvey:
    """What was noted."""

    relations: Relations
    """Timelines, programmes, and what timelines name."""
    signed: Signed
    """Where a digest of all content may be asked for."""
    choice: ReferenceChoice | None
    """What is looked for; None where nothing is compared."""
    content: ContentNotes

    def recognise(self, examinations: Examinations, config: Config, store: Store, progress: Progress) -> Recognition:
        """What the delivery shows of libraries, of its own temporary and AI-made material, and of `--sources`."""
        if self.choice is None:
            return Recognition(examinations)
        return recognise(examinations, self.choice.references(), self.content, config, store, progress)


def survey_run(
    examinations: Examinations,
    judgement: Judgement,
    config: Config,
    cache: Path | None,
    store: Store,
    progress: Progress,
) -> RunSurvey:
    """Read what decides about others, each examination once. Examines what `--sources` names first."""
    relations, signed, content = Relations(judgement.engine), Signed(judgement, config), ContentNotes()
    choice: ReferenceChoice | None = None
    notes: list[Noting] = [relations, signed]
    if config.matching != "off":
        with ExitStack() as closing:
            named: Examinations | None = None
            if config.sources:
                beside = closing.enter_context(Store.open(cache, is_rehashing=store.is_rehashing))
                named = inspect([Path(path) for path in config.sources], config, beside, progress)
            choice = ReferenceChoice(judgement.engine, named)
        notes += [choice, content]
    read_once(examinations, notes)
    return RunSurvey(relations=relations, signed=signed, choice=choice, content=content)
