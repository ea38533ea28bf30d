"""How often free text leads to the right concern: labelled questions that people put to counsellors, as far as they are at hand. Prints JSON.

A question counts as found when a concern that one of its topics stands for (question_topics.json), or the group of that concern, is among the first
three suggestions for its title and text. Questions whose topics name no concern (law, ethics, how counselling works) are counted apart.
"""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "platform"))

from taxonomy.suggest import suggest
from taxonomy.vocabulary import Vocabulary, vocabulary

QUESTIONS = Path(os.environ.get("SHARED_DATA", HERE.parents[1] / "shared")) / "data" / "questions" / "counselchat_questions.jsonl"
TOPICS: Mapping[str, list[str]] = json.loads((HERE / "question_topics.json").read_text("utf-8"))["topics"]
FIRST = 3
AIM = 0.85


@dataclass(frozen=True)
class Recall:
    """`questions` that name a concern, how many of them were `found`, and how many name none."""

    questions: int
    found: int
    without_concern: int

    @property
    def share(self) -> float:
        return self.found / self.questions


def questions() -> list[dict[str, Any]]:
    """The labelled questions, each with title, text and topics; none where the file is absent."""
    if not QUESTIONS.exists():
        return []
    return [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]


def recall(asked: Iterable[Mapping[str, Any]]) -> Recall:
    """Top-3 recall over the questions."""
    known, total, found, without = vocabulary(), 0, 0, 0
    for question in asked:
        right = meant(question["topics"], known)
        if not right:
            without += 1
            continue
        total += 1
        first = suggest(f"{question['title']}\n{question['text']}", kinds=("concern",), limit=FIRST).items
        found += any(item.slug in right for item in first)
    return Recall(total, found, without)


def meant(topics: Iterable[str], known: Vocabulary) -> set[str]:
    """The concerns that the topics stand for, and their groups. KeyError for a topic that nobody has placed yet."""
    concerns = {slug for topic in topics for slug in TOPICS[topic]}
    return concerns | {parent for slug in concerns if (parent := known.concerns[slug].parent)}


def main() -> None:
    asked = questions()
    if not asked:
        print(f"skipped: no labelled questions at {QUESTIONS.name}")
        return
    result = recall(asked)
    print(json.dumps({**asdict(result), "top3_recall": round(result.share, 3), "aim": AIM}))


if __name__ == "__main__":
    main()
