"""Numbered passages: the units that a model is shown, that it cites and that a link points at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.video import VideoData

from .sentences import Sentence, split_sentences
from .words import count_words, guess_language

# A passage is about a quarter of a minute of speech: short enough for a link to be exact,
# long enough to make sense alone. A sentence is never divided.
PASSAGE_WORDS = 45
PASSAGE_SECONDS = 30.0
LONGEST_PAUSE = 4.0


class Passage(msgspec.Struct, frozen=True, gc=False):
    """`number` counts from 1 through the whole video."""

    number: int
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def start(self) -> float:
        return self.sentences[0].start

    @property
    def end(self) -> float:
        return self.sentences[-1].end


@dataclass(frozen=True, slots=True)
class Transcript:
    """A video as passages. `language` is ISO 639-1 or BCP 47, guessed where the track has none.

    `fingerprint` stands for everything that an analysis of it depends on.
    """

    video: VideoData
    language: str
    passages: tuple[Passage, ...]
    fingerprint: str

    def cite(
        self,
        number: int,
        *,
        start: float | None = None,
        end: float | None = None,
        quote: str | None = None,
    ) -> Citation:
        """The place of a passage, or of a part of it or around it."""
        passage, info = self.passages[number - 1], self.video.info
        begin = passage.start if start is None else start
        return Citation(
            info.video_id,
            begin,
            passage.end if end is None else end,
            info.url_at(begin),
            passage.text if quote is None else quote,
            number,
        )

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for passage in self.passages for sentence in passage.sentences)

    @property
    def owners(self) -> tuple[int, ...]:
        """For every sentence, the place (from 0) of its passage."""
        return tuple(p.number - 1 for p in self.passages for _ in p.sentences)


@dataclass(frozen=True, slots=True)
class Note:
    """One statement of a talk, and the numbers of the passages that it rests on."""

    claim: str
    passages: tuple[int, ...]


Notes = tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class NotesKey:
    """All that a model's notes of the passages `first` to `last` depend on."""

    video_id: str
    fingerprint: str
    model: str
    version: str
    first: int
    last: int


def split_into_passages(video: VideoData) -> Transcript:
    """Divides everything that is said in the video into passages: none where there are but
    signs."""
    sentences = split_sentences(video.segments)
    if not any(char.isalnum() for sentence in sentences for char in sentence.text):
        sentences = ()
    language = video.track.language or guess_language(sentence.text for sentence in sentences)
    groups = _grouped(sentences, [chapter.start for chapter in video.chapters])
    passages = tuple(Passage(number, group) for number, group in enumerate(groups, start=1))
    return Transcript(video, language, passages, _fingerprint(video))


def _fingerprint(video: VideoData) -> str:
    info = video.info
    about = (info.video_id, info.title, info.channel, info.published, info.description)
    told = (info.keywords, info.category, video.duration, video.chapters, video.track)
    content = repr((*about, *told))
    digest = hashlib.blake2b(content.encode(errors="surrogatepass"), digest_size=12)
    # One by one: all at once would hold the interpreter.
    for segment in video.segments:
        digest.update(repr(segment).encode(errors="surrogatepass"))
    return digest.hexdigest()


def _grouped(
    sentences: Iterable[Sentence], chapters: list[float]
) -> Iterator[tuple[Sentence, ...]]:
    group: list[Sentence] = []
    words = 0
    for sentence in sentences:
        length = count_words(sentence.text)
        if group and (words + length > PASSAGE_WORDS or _apart(group, sentence, chapters)):
            yield tuple(group)
            group, words = [], 0
        group.append(sentence)
        words += length
    if group:
        yield tuple(group)


def _apart(group: list[Sentence], sentence: Sentence, chapters: list[float]) -> bool:
    return (
        sentence.end - group[0].start > PASSAGE_SECONDS
        or sentence.start - group[-1].end > LONGEST_PAUSE
        or sentence.speaker != group[-1].speaker
        or any(group[0].start < start <= sentence.start for start in chapters)
    )
