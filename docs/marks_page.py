"""The page of marks in the picture: what is read, what it means, and the table of marks, made from their data."""

from __future__ import annotations

from collections.abc import Iterator

from fingerprints.marks.lexicon import KINDS, Entry, load_lexicon
from fingerprints.marks.logos.signs import load_signs
from scanner.judge.rules import load_rules

__all__ = ["marks_page"]

_TITLES = {
    "generator-label": "Labels of generators",
    "legal-label": "Labels that declare AI",
    "stock-mark": "Preview marks of libraries and archives",
    "placeholder": "Placeholder text",
}
_MEANING = {
    "generator-label": "A marker of that tool, with the strength `visible`. In a final it is judged as any other marker of the tool.",
    "legal-label": "The label declares that AI made the picture, or a part of it, by a tool that it does not name. Which way it"
    " declares it is the label's name below. A register row that approves the use covers the label too.",
    "stock-mark": "In a final, a blocker with `clearance`: the item was cut in before it was licensed. A name marked *credit* is shown"
    " on licensed material too; it is a mark only where it repeats or crosses the picture.",
    "placeholder": "In a final, an issue with `fix`: text of unfinished work. A programme's own slate, which some delivery"
    " specifications demand, is for information.",
}
_LOGOS = (
    ("Gemini", "a four-pointed sparkle in the lower right corner", "seen"),
    ("DALL·E", "five coloured squares in the lower right corner", "seen"),
    ("Sora", "moving bars in the lower right corner, of Sora 1", "seen"),
)
"""Logos without words that are found as shapes and may be firm, by the name of the tool."""
_TEXT = """# Marks in the picture

A finished master carries no metadata. What survives every export is what stands in the picture: a generator's label or
logo in the corner, the preview mark of a stock library, `TEMP VFX`, a shot number, a burnt-in timecode. provscan reads such
marks. It does not guess whether a picture looks AI-made.

## What is reported

A mark is evidence of the reader `visible`: its text (or its logo's name), its box in percent of the picture, in a programme
its first and last frame, and in how many of the frames looked at it was seen. Rules turn it into findings
([rules.md](rules.md), `visible.*`), policies judge them ([policies.md](policies.md), `delivery.*`), and reports show the frame
with the box drawn. A visibly marked temporary clip is looked for in finals as material made by AI.

| the reader states | claim | strength | in a final |
|---|---|---|---|
| a generator's label or logo, firm | `generated`; `edited` for editors of phones; `capable` for CapCut | `visible` | as a marker of that tool |
| a label that declares AI, firm | `generated`, `edited` or `contains`, as it says | `visible` | as a marker of a tool without a name |
| either of them, possible or on a screen in the scene | `possible` | `heuristic` | a person looks |
| a preview mark, firm | `preview-mark` | `visible` | blocker: `clearance`, `fix` |
| placeholder text, firm | `placeholder` | `visible` | issue: `fix` |
| either of them, possible or on a screen in the scene | the same | `heuristic` | fyi: `review` |
| nothing, where the register states a label (`disclosure_method` label, with its words in `disclosure_text`) | none | none | issue: `disclose` |

In temporary material a mark is for information at most.

## A word is not a mark

A line of text is a mark where it is nothing but the mark. In a longer line the words are `possible` at most, and in a sentence
they are nothing: *a film by Kling*, *Sora Tanaka as herself*, *Shutterstock buys a rival*. Names that are short or of every day
(Sora, Veo, Pika, AP) need the whole line. What OCR confuses is folded before words are compared: `AI`, `Al` and `A1`, `0` and
`O`, full-width letters, accents, case, and spaces that were lost; of ten letters or more one may be wrong. `la` is never
read as `IA`. A line that is punctuated as speech is not a mark (*Sora!*, *- Luma.*), and
a line that goes on after a comma is never firm.

Whether a mark is firm depends on the picture too:

- **Firm** is a mark in a picture with few other lines that is at an edge, repeats, or stands still for 1.5 s or longer while the picture moves.
- **A mark stands alone.** With another line right beside, above or below it, it may be a name in a lower third, a row of a chart or a line
  of the credits, and is `possible`. Lines that belong to the mark do not count: a handle, an address, a number, a credit, the same
  maker's name.
- **A short name** (Sora, Veo, Luma) is `possible` where lower thirds and subtitles are, in the middle at the height of a title, and,
  while other words are shown, anywhere but in the lower right corner. With a whole number (*VEO 1*) it may be a channel, and is `possible`.
- **An archive or a photo agency** that is credited on screen is firm only where the credit stands in the middle over a
  moving picture, or where its name repeats.
- **Filler text** (*lorem ipsum*) is placeholder text in a layout, that is, where the picture holds at most 8 lines on at most 12 % of
  its area. Otherwise, or in a locked-off shot, it may be a page or a screen in the scene, and is `possible`.

## Where marks are looked for

`--marks off|artwork|finals|all` selects the files. The default, `finals`, reads what is judged as final, and the temporary material,
ideation and VFX elements that may be cut into it. `all` also reads archival material, references and documents. Stills, artwork,
frame sequences and programmes are searched. Text is read by `rapidocr`, an extra (`pip install 'provscan[marks]'`): its models are in its wheel, and
nothing is downloaded. Where it is not installed, or with `--marks off`, the report lists visible marks under *not checked*, and
no label counts as missing. `--watermarks` is something else: it searches the pixels for watermarks that nobody can see.

A still of 1280 × 720 takes 0.4 to 0.9 s of processor time. Of a programme, about one frame a second is looked at; more frames are
decoded where key frames are more than 1.5 s apart. A minute of 1280 × 720 took 6 to 8 s with four
marks. Compared with decoding every frame, reading marks costs:

| material | processor time, as a multiple of decoding every frame |
|---|---|
| 17 minutes with marks, H.264 with a key frame every 2 s | 2.4 to 2.8 |
| the same in ProRes | 1.6 to 1.8 |
| 19 public clips of 14 to 139 s, 320 × 240 to 1280 × 720, one of them with timecode | 3.7, without most text recognition |

The public clips decode quickly: reading marks took 3.4 s for a minute of them. Text that an earlier run had recognised in them was kept
from it. The aim is 0.25; it is not reached.

## What was found of planted marks

Seventeen minutes of 1280 × 720 had 68 marks (2026-11-30): 18 to 60 pixels high at 1080 lines, 12 to 100 % opaque, still, fading or
hopping, in corners and in the middle, in fonts that the rules were not made with; nine minutes over photographs that a camera moves
over, eight over public footage.

| | found | of them firm | in and out off, median | within 2 frames | cost, share of decoding |
|---|---:|---:|---:|---:|---:|
| H.264, bit rate as 3 Mbit/s at 1080 lines, over photographs | 32 of 36 | 26 | 1 | 75 % | 2.75 |
| the same, over footage | 22 of 32 | 16 | 2 | 59 % | 2.44 |
| ProRes LT, over photographs | 31 of 36 | 24 | 0.5 | 76 % | 1.55 |
| the same, over footage | 26 of 32 | 22 | 1 | 69 % | 1.75 |

By opacity, in all four together: 49 of 54 at 60 % and more, 27 of 30 at 35 %, 23 of 28 at 20 %, 12 of 24 at 12 %. Two opaque marks over
footage are missed in both encodings: one of 36 pixels that hops, and one of 60 pixels that fades. A minute took 6 to 8 s:
these pictures are quickly decoded, in some 2.3 s a minute of H.264. The aims are 95 % at a quarter of decoding: neither is reached, and
*no mark found* in a programme states little.

Nothing was reported that is not there, but timecode that the footage itself shows. In 25 minutes of unmarked programmes, made to
mislead (credits that roll, tickers, lower thirds, charts, title cards with the words of marks), no label and no preview mark was
firm (2026-11-30). Firm were four title cards that are nothing but *TEMP* or *UNFINISHED*, and timecode that the footage shows.
In 150 public clips (31 minutes) nothing was possible, and two were firm: timecode that both show.

## Limits

- Absence proves nothing: marks are cropped, painted over, blurred, or too small to be read.
- Text in Latin letters, Chinese, Japanese and Korean is what the recognition reads well; the words of labels in other scripts are
  listed, and were not measured.
- An icon of two letters (AI, KI, IA), as the EU's code of practice proposes, is too little to be read as a mark. A row that
  states such a sign is an fyi: a person looks.
- A credit and a preview mark can be the same word. In a corner, once, it is `possible`.
- A mark on a screen in the scene is reported as embedded, and is `possible` at most. Where the camera moves, one frame in 5 s is
  looked through for it (about 0.1 s of processor time each), with its in and out as exact as the frames looked at. A mark that
  changes its size quickly, or that is shown for less than 2 s, is not found; nor is one in a frame with more than 8 lines.
- The shape of a logo is compared over any ground, but where the ground has strong texture of the same size as the logo, it is missed.
  A logo from documents only is as good as its description. A ring may be a button and a group of stars the sign of any
  app: such logos are `possible` at most. Of 2,124 unmarked pictures, half of them full of text, none had one (2026-11-30); both
  real pictures with Samsung's stars have them.
- A title card that is nothing but a word of unfinished work (*Unfinished*, *Rough Cut*) is read as placeholder text.
- China's standard GB 45438-2025 asks for a label of 5 % of the short side, for 2 s. Where the register states a label in Chinese, a
  smaller or shorter one is an issue. The height is measured at the box of the label. provscan does not check that the label is shown
  at the beginning.
- An editing program's label (CapCut) states no use of AI.

## The marks

*Seen*: a real picture or clip with the mark was seen. *From documents only*: the maker, a law or reports state the mark, and no real
file with it was found; the words were tried on drawn pictures.
"""


def marks_page(head: str) -> str:
    """The page; `head` is the comment that begins a generated one."""
    return "\n".join((head, _TEXT, *_tables()))


def _tables() -> Iterator[str]:
    tools = {
        name: rule.tool
        for rule in load_rules().rules
        if rule.id.startswith("visible.") and rule.tool
        for name in [entry.name for entry in load_lexicon().entries] + [logo for logo, _, _ in _LOGOS]
        if (pattern := rule.condition.facts.get("name")) and pattern.fullmatch(name)
    }
    for kind in KINDS:
        entries = [entry for entry in load_lexicon().entries if entry.kind == kind]
        yield f"### {_TITLES[kind]}\n\n{_MEANING[kind]}\n"
        yield "| mark | read as | form | known |\n|---|---|---|---|"
        for entry in entries:
            yield _row(entry, tools.get(entry.name) or entry.name)
        if kind == "generator-label":
            for logo, what, known in (*_LOGOS, *_signs()):
                yield f"| {tools.get(logo, logo)} | {what} | logo | {known} |"
        yield ""


def _signs() -> Iterator[tuple[str, str, str]]:
    """The logos that are possible at most, by the name of the tool."""
    for sign in load_signs():
        known = "seen" if sign.known == "seen" else "from documents only"
        corner = "lower left" if sign.is_left else "lower right"
        yield sign.name, f"{sign.source}; in the {corner} corner, `possible` at most", known


def _row(entry: Entry, name: str) -> str:
    said = ", ".join(f"`{hit.replace('|', '·')}`" for hit in entry.hits[:6])
    form = "text" + ", whole line" * entry.alone + ", credit" * entry.credit
    known = "seen" if entry.known == "seen" else "from documents only"
    return f"| {name} | {said} | {form} | {known} |"
